/// Why a socket did not do what it was asked.
enum SocketFailure: Error, Equatable {
    /// The `errno` of the system call.
    case system(Int32)
    case timedOut
    case cancelled
}
