import CCurl
import ToolAuthCore

/// One request under way, or the connection for one, with all that libcurl holds pointers into. Used on the loop's
/// queue only.
final class Transfer {
    let id: TransferID
    /// Where the purpose is a connection: the one that would go over it.
    let request: HTTPRequest
    let target: RequestTarget
    /// Told by the loop how it ended; then the loop forgets the transfer.
    let purpose: TransferPurpose
    /// When it was asked for; both time-outs count from here.
    let startedAt = SuspendingClock.now

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
        purpose: TransferPurpose
    ) {
        self.id = id
        self.request = request
        self.target = target
        self.purpose = purpose
        head = ReplyHead(limit: maximumHeaderBytes)
        body = ReplyBuffer(limit: request.maximumReplyBytes)
        errorText.initialize(repeating: 0)
    }

    deinit { errorText.deallocate() }

    /// What is left of a time-out; at most a day, which fits whatever type libcurl keeps it in.
    func left(of timeout: Duration) -> Duration {
        min(timeout, .seconds(86_400)) - startedAt.duration(to: .now)
    }

    /// What is left of its time: until the connection should be there, and once the request began, the whole reply.
    var timeLeft: Duration {
        let whole = left(of: request.timeout)
        return progress.requestBegan ? whole : min(whole, left(of: request.connectTimeout))
    }

    /// Why it failed, by what libcurl says; nil: it did not.
    func failure(_ result: CURLcode) -> TransportFailure? {
        guard result == CURLE_OK else {
            let text = String(decoding: errorText.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            return TransportFailure(result, progress, peer: target.peer, text: text)
        }
        // libcurl takes a head that is cut short for a reply without a body.
        guard head.isComplete || !purpose.sendsRequest else {
            return TransportFailure(
                .interrupted, progress, peer: target.peer, reason: "the header lines were cut short")
        }
        return nil
    }

    /// Tells whoever waits.
    ///
    /// - Parameter failure: nil: it did what it was for.
    func end(_ failure: TransportFailure?) {
        if let failure {
            purpose.fail(failure)
        } else {
            purpose.succeed(HTTPReply(status: head.status, headers: head.headers, body: body.secret))
        }
    }
}
