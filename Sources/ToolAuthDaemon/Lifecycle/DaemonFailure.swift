import Glibc
import Systemd
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
    /// The errno(3) that comes nearest, which `systemctl status` shows in words.
    let errno: Int32

    /// - Parameter errno: nil: what its kind of failure is mostly about.
    init(_ code: Code, _ detail: String, errno: Int32? = nil) {
        self.code = code
        self.detail = detail
        self.errno = errno ?? code.errno
    }

    /// A missing or wrong key is the administrator's to mend and no retry helps; so is a store that does not fit this
    /// version or this user.
    init(_ error: StoreError) {
        self.init(error.code == .key ? .configuration : .store, error.detail, errno: error.code.errno)
    }

    init(_ error: ListenError) {
        self.init(.unavailable, error.detail, errno: error.code.errno)
    }
}

extension DaemonFailure.Code {
    fileprivate var errno: Int32 {
        switch self {
        case .store: EIO
        case .configuration: EINVAL
        case .unavailable: EADDRNOTAVAIL
        }
    }
}

extension StoreError.Code {
    fileprivate var errno: Int32 {
        switch self {
        case .notAccessible: EACCES
        case .inUse: EBUSY
        case .corrupt: EBADMSG
        case .tooNew: EPROTONOSUPPORT
        case .key: ENOKEY
        case .io: EIO
        case .misuse: ENOTRECOVERABLE
        }
    }
}

extension ListenError.Code {
    fileprivate var errno: Int32 {
        switch self {
        case .inUse: EADDRINUSE
        case .occupied: EEXIST
        case .denied: EACCES
        case .badPath: ENOENT
        case .unknownGroup: EINVAL
        case .unexpectedSocket: EPROTOTYPE
        case .io: EIO
        }
    }
}
