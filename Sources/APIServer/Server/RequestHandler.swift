import NIOCore
import ToolAuthCore

/// What becomes of a request.
enum Answer {
    case ready(Response)
    case later(@Sendable () async -> Response)
}

/// A complete answer, and what is written down of it.
struct AnswerAtOnce {
    let response: Response
    /// Audit and numbers; called once, when it is sent.
    let note: () -> Void
}

/// What a server does with its connections and their requests.
protocol RequestHandler: Sendable {
    /// Who is at the other end of a connection.
    associatedtype Client: Sendable

    /// A connection was accepted. Called once for each.
    func accept(_ descriptor: CInt) -> Client

    /// Counts the connection; if it is one too many for this client, says so.
    func admit(_ client: Client) -> ToolAuthError?

    /// A connection that was admitted has ended.
    func release(_ client: Client)

    /// Answers a request. Called on the event loop of the connection; what takes waiting is done later. Never fails: every
    /// end is an answer.
    ///
    /// - Parameter closed: succeeds when the client is gone.
    func answer(_ request: APIRequest, from client: Client, closed: EventLoopFuture<Void>) -> Answer

    /// A request whose answer may be known without waiting.
    associatedtype QuickRequest: Sendable

    /// - Returns: nil: it is none of that kind, or one to be refused.
    func quickRequest(_ request: APIRequest) -> QuickRequest?

    /// The answer, where it is known without waiting; nil: ``answer(_:from:closed:)`` is to be asked. Called on a thread of
    /// its own.
    func answerAtOnce(_ request: QuickRequest, from client: Client) -> AnswerAtOnce?

    /// Nobody more is accepted: answers that go on for ever end now.
    func quiesce()
}

extension RequestHandler {
    func admit(_ client: Client) -> ToolAuthError? { nil }
    func release(_ client: Client) {}
    func quiesce() {}
}

extension RequestHandler where QuickRequest == Never {
    func quickRequest(_ request: APIRequest) -> Never? { nil }
    func answerAtOnce(_ request: Never, from client: Client) -> AnswerAtOnce? {}
}
