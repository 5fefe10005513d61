import NIOCore
import ToolAuthCore

/// What becomes of a request.
enum Answer {
    case ready(Response)
    case later(@Sendable () async -> Response)
}

/// What a server does with its connections and their requests.
protocol RequestHandler: Sendable {
    /// Who is at the other end of a connection.
    associatedtype Client: Sendable

    /// A connection was accepted. Called once for each, on its event loop.
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

    /// Nobody more is accepted: answers that go on for ever end now.
    func quiesce()
}

extension RequestHandler {
    func admit(_ client: Client) -> ToolAuthError? { nil }
    func release(_ client: Client) {}
    func quiesce() {}
}
