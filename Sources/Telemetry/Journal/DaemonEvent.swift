import Logging
import ToolAuthCore

/// Something that happened to the daemon itself.
package enum DaemonEvent: Sendable, Equatable {
    case started(version: String)
    /// The store is open, the sockets are served and the first scan is done.
    case ready(after: Duration)
    /// - Parameter reason: such as `SIGTERM`.
    case stopping(reason: String)
    /// The daemon does not start with this store, or lost it. `detail` says what to do.
    case storeRefused(code: String, detail: String)
    /// A file of the configuration is wrong. `detail` names file, line and key.
    case configurationError(detail: String)
    /// A fault of ours. `detail` says where and what, for a bug report.
    case internalError(detail: String)
}

extension JournalEntry {
    /// The line that tells of it.
    package init(_ event: DaemonEvent) {
        switch event {
        case .started(let version):
            self.init(.started, .info, "toolauthd \(version) is starting.")
            set(JournalField.version, version)
        case .ready(let duration):
            self.init(.ready, .info, "Ready after \(duration.wholeMilliseconds) ms.")
            set(JournalField.durationUsec, duration.usecField)
        case .stopping(let reason):
            self.init(.stopping, .info, "Stopping: \(reason).")
        case .storeRefused(let code, let detail):
            self.init(.storeRefused, .critical, detail)
            set(JournalField.error, code)
        case .configurationError(let detail):
            self.init(.configurationError, .error, detail)
        case .internalError(let detail):
            self.init(.internalError, .error, "Internal error: \(detail)")
        }
    }
}
