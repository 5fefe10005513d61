public import SocketAPI

/// Why a call brought no answer that could be used. Never carries a secret.
public enum ToolAuthClientError: Error, Sendable, Equatable {
    /// The daemon refused, and says why; switch over ``ProblemBody/code``.
    case problem(ProblemBody)

    /// No daemon answered at `path`. `errno` is the system's reason (`ECONNRESET` where the connection was closed
    /// without a whole answer), `advice` what to do about it, in one clause.
    case unreachable(path: String, errno: Int32, advice: String)

    /// What answered does not speak this API: no HTTP, no JSON, or more of it than is admitted.
    case protocolViolation(String)

    /// The daemon took the request and did not answer in time. It may still act on it.
    case timedOut

    /// The calling task was cancelled. The daemon may still act on the request.
    case cancelled
}
