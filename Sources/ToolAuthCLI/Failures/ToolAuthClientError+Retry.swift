import ToolAuthClient

extension ToolAuthClientError {
    /// Whether the same question may be answered a little later.
    var mayPass: Bool {
        switch self {
        case .unreachable, .timedOut: ExitStatus(self) != .forbidden
        case .problem: ExitStatus(self) == .transient
        case .protocolViolation, .cancelled: false
        }
    }
}
