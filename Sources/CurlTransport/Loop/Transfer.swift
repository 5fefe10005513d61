import CCurl
import Dispatch
import OAuth
import ToolAuthCore

/// One request under way, with all that libcurl holds pointers into. Used on the loop's queue only.
final class Transfer {
    typealias Outcome = Result<HTTPReply, TransportFailure>

    let id: TransferID
    let request: HTTPRequest
    let target: RequestTarget
    /// Resumed once, by the loop, which then forgets the transfer.
    let continuation: CheckedContinuation<Outcome, Never>
    /// When it was asked for; both time-outs count from here.
    let startedAt = SuspendingClock.now
    /// Fires when the connection, and then when the whole reply, should have been there.
    let timer: any DispatchSourceTimer

    /// Present from the end of the lookup on.
    var easy: EasyHandle?
    /// What libcurl only borrows while `easy` is there.
    var borrowed: [StringList] = []
    let errorText = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    var progress = TransferProgress()
    /// How much of the body libcurl took.
    var bodySent = 0
    var head: ReplyHead
    let body: ReplyBuffer

    init(
        _ id: TransferID, _ request: HTTPRequest, to target: RequestTarget, maximumHeaderBytes: Int,
        timer: any DispatchSourceTimer, continuation: CheckedContinuation<Outcome, Never>
    ) {
        self.id = id
        self.request = request
        self.target = target
        self.timer = timer
        self.continuation = continuation
        head = ReplyHead(limit: maximumHeaderBytes)
        body = ReplyBuffer(limit: request.maximumReplyBytes)
        errorText.initialize(repeating: 0)
    }

    deinit { errorText.deallocate() }

    /// What is left of a time-out; at most a day, which fits whatever type libcurl keeps it in.
    func left(of timeout: Duration) -> Duration {
        min(timeout, .seconds(86_400)) - startedAt.duration(to: .now)
    }

    /// How it ended, by what libcurl says.
    func outcome(_ result: CURLcode) -> Outcome {
        guard result == CURLE_OK, let status = easy?.integer(CURLINFO_RESPONSE_CODE) else {
            let text = String(decoding: errorText.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            return .failure(TransportFailure(result, progress, peer: target.peer, text: text))
        }
        // libcurl takes a head that is cut short for a reply without a body.
        guard head.isComplete else {
            return .failure(
                TransportFailure(.interrupted, progress, peer: target.peer, reason: "the header lines were cut short"))
        }
        return .success(HTTPReply(status: status, headers: head.headers, body: body.secret))
    }
}
