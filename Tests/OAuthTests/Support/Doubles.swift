import OAuth
import ToolAuthCore

/// Answers each request with the next of its replies and remembers what was sent.
final class StubTransport: HTTPTransport {
    private let replies: Locked<[Result<HTTPReply, TransportFailure>]>
    private let requests = Locked<[HTTPRequest]>([])

    init(_ replies: Result<HTTPReply, TransportFailure>...) {
        self.replies = Locked(replies)
    }

    var sent: [HTTPRequest] { requests.withLock { $0 } }

    func send(_ request: HTTPRequest) async -> Result<HTTPReply, TransportFailure> {
        requests.withLock { $0.append(request) }
        return replies.withLock {
            $0.isEmpty
                ? .failure(TransportFailure(.other, mayHaveBeenSent: false, detail: "no reply is scripted"))
                : $0.removeFirst()
        }
    }

    func connect(to url: String, options: TransportOptions, timeout: Duration) async -> TransportFailure? { nil }
}

/// A clock that stands still.
struct StoppedClock: WallClock {
    var now: Timestamp = Fixture.now
}

/// Bytes that count up from a number: 0, 1, 2, … in every call anew, plus how many calls there were.
final class CountingRandom: RandomSource {
    private let calls = Locked<UInt8>(0)

    func bytes(_ count: Int) -> [UInt8] {
        let call = calls.withLock { calls in
            defer { calls &+= 1 }
            return calls
        }
        return (0..<count).map { UInt8(truncatingIfNeeded: $0) &+ call &* 32 }
    }
}
