import SocketAPI

/// Speaks to toolauthd over its Unix socket: one method per call of the API.
///
/// ```swift
/// import SocketAPI
/// import ToolAuthClient
/// import ToolAuthCore
///
/// let client = ToolAuthClient.discover()
/// guard let gmail = ToolID("gmail"), let alice = UserID("alice") else { return }
/// do {
///     let token = try await client.token(toolID: gmail, userID: alice)
///     request.headers["Authorization"] = "Bearer \(token.accessToken)"
/// } catch .problem(let problem) where problem.code == "not-connected" {
///     let flow = try await client.authorize(toolID: gmail, userID: alice)
///     redirect(to: flow.authURL)
/// }
/// ```
///
/// Copies share idle connections. Calls run at once, each on a connection and a thread of its own, never on the
/// cooperative pool (beyond the threads that Dispatch admits, some 250, they wait for one); cancelling the task ends its
/// call at once. All methods throw ``ToolAuthClientError`` and nothing else.
public struct ToolAuthClient: Sendable {
    /// Where the daemon is expected to listen.
    public let socketPath: String

    /// How long a call may take, beyond the time it asks the daemon itself to wait.
    public let timeout: Duration

    private let exchange: Exchange

    /// Makes a client; connects at the first call.
    public init(socketPath: String, timeout: Duration = .seconds(30)) {
        self.socketPath = socketPath
        self.timeout = timeout
        exchange = Exchange(path: socketPath)
    }

    func eventReader(_ request: APIRequest) -> EventReader {
        EventReader(exchange, request, timeout: timeout)
    }

    func backupReader() -> BackupReader {
        BackupReader(exchange, timeout: timeout)
    }

    /// What the daemon answered to `call`, as it came and decoded.
    package func answer<Value>(to call: APICall<Value>) async throws(ToolAuthClientError) -> Answer<Value> {
        let reply = try await exchange.reply(
            to: call.request.encoded(), bodyLimit: call.bodyLimit, within: timeout + call.patience)
        return Answer(value: try call.read(reply), json: reply.body)
    }

    /// As ``answer(to:)``, on the thread of the caller, which it blocks: for programs that do nothing else.
    package func answerBlocking<Value>(to call: APICall<Value>) throws(ToolAuthClientError) -> Answer<Value> {
        let reply = try exchange.replyBlocking(
            to: call.request.encoded(), bodyLimit: call.bodyLimit, within: timeout + call.patience)
        return Answer(value: try call.read(reply), json: reply.body)
    }

    /// What the daemon answered to `call`.
    func value<Value>(of call: APICall<Value>) async throws(ToolAuthClientError) -> Value {
        try await answer(to: call).value
    }
}

/// An answer twice: decoded, and as the daemon wrote it.
package struct Answer<Value: Sendable>: Sendable {
    package let value: Value
    /// Members that this version does not know are still in here.
    package let json: [UInt8]
}
