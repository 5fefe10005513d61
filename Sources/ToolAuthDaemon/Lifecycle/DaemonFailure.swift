import ToolAuthCore

/// Why the daemon does not start, and the exit code that says so to the service manager.
struct DaemonFailure: Error {
    /// From sysexits.h; the unit does not restart after `configuration`.
    enum Code: Int32 {
        case store = 74
        case configuration = 78
        /// The socket cannot be had.
        case unavailable = 69
    }

    let code: Code
    /// What is wrong, where, and what to do.
    let detail: String

    init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// A missing or wrong key is the administrator's to mend and no retry helps; so is a store that does not fit this
    /// version or this user.
    init(_ error: StoreError) {
        code = error.code == .key ? .configuration : .store
        detail = error.detail
    }
}
