import Glibc
import SocketAPI

extension ToolAuthClientError: CustomStringConvertible {
    /// One sentence for a person: what is wrong, where, and what to do. Texts of the daemon are in it as they came:
    /// escape it before it goes to a terminal.
    public var description: String {
        switch self {
        case .problem(let problem): problem.detail.isEmpty ? problem.title : problem.detail
        case .unreachable(let path, let code, let advice): "\(Self.fact(path, code)): \(advice)"
        case .protocolViolation(let detail): detail
        case .timedOut: "toolauthd did not answer in time: systemctl status toolauthd shows how it is"
        case .cancelled: "the call was cancelled"
        }
    }

    private static func fact(_ path: String, _ code: Int32) -> String {
        switch code {
        case ENOENT, ENOTDIR: "toolauthd is not running at \(path) (no such socket)"
        case ECONNREFUSED: "toolauthd is not running at \(path) (connection refused)"
        case EACCES, EPERM: "no permission to speak to toolauthd at \(path)"
        case ECONNRESET: "toolauthd at \(path) closed the connection without a whole answer"
        default: "cannot speak to toolauthd at \(path) (\(String(cString: strerror(code))))"
        }
    }
}
