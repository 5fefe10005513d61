import Glibc
import SocketAPI
import ToolAuthClient

/// What the program ends with; the numbers are those of sysexits.h, and 80.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    case success = 0
    /// The command line, or what it made the daemon read, is wrong.
    case usage = 64
    /// No such tool, record, or flow.
    case unknown = 66
    /// No daemon, or not one that speaks this API.
    case unreachable = 69
    /// Standard output takes no more, or what is read breaks off.
    case inputOutput = 74
    /// Worth trying again: provider, store, time-out.
    case transient = 75
    case forbidden = 77
    /// An administrator must change something.
    case configuration = 78
    /// The user must authorize (again).
    case reauthorizationRequired = 80

    init(_ error: ToolAuthClientError) {
        switch error {
        case .problem(let problem): self.init(problem)
        case .unreachable(_, let code, _): self = code == EACCES || code == EPERM ? .forbidden : .unreachable
        case .protocolViolation: self = .unreachable
        case .timedOut, .cancelled: self = .transient
        }
    }

    /// By the type of the problem; by its status for a type of a newer daemon.
    init(_ problem: ProblemBody) {
        switch problem.code {
        case "forbidden": self = .forbidden
        case "unknown-tool", "unknown-authorization", "unknown-key", "not-connected", "not-found": self = .unknown
        case "reauthorization-required": self = .reauthorizationRequired
        case "invalid-configuration", "tool-unavailable", "keys-read-only": self = .configuration
        case "tool-paused" where problem.reason == "endpoint_changed": self = .configuration
        case "generation-mismatch": self = .transient
        case "provider-error": self = Self.isOfClient(problem.error) ? .configuration : .transient
        default: self.init(httpStatus: problem.status)
        }
    }

    private init(httpStatus: Int) {
        switch httpStatus {
        case 401, 403: self = .forbidden
        case 404: self = .unknown
        case 408, 425, 429: self = .transient
        case 400..<500: self = .usage
        default: self = .transient
        }
    }

    /// Whether a provider's error is about how the client is registered, which no second try changes (RFC 6749 §5.2).
    private static func isOfClient(_ error: String?) -> Bool {
        ["invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"].contains(error)
    }
}
