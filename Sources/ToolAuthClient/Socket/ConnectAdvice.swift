import Glibc
import SocketAPI
import ToolAuthCore

/// What to do about a daemon that cannot be reached, in one clause.
///
/// - Parameters:
///   - runtimeDirectory: `$XDG_RUNTIME_DIR`, under which the user's own daemon listens.
///   - owner: of the socket; looked at only where permission was refused.
func connectAdvice(
    path: String, errno code: Int32, runtimeDirectory: String?, owner: @autoclosure () -> SocketOwner?
) -> String {
    let isUsers = runtimeDirectory.map { bytesEqual(SocketAddress.user(runtimeDirectory: $0), path) } ?? false
    switch code {
    case EACCES, EPERM: return SocketOwner.advice(owner())
    case ECONNRESET: return "journalctl\(isUsers ? " --user" : "") -u toolauthd tells why"
    case ENAMETOOLONG: return "a socket's path has at most 107 bytes"
    case EMFILE, ENFILE: return "too many files are open in this process, or on this machine"
    case EPROTOTYPE: return "that socket is of another kind; toolauthd's is a stream socket"
    default: break
    }
    if isUsers { return "systemctl --user start toolauthd" }
    if bytesEqual(path, SocketAddress.system) { return "systemctl start toolauthd" }
    return "start the daemon that listens there, or name another socket with \(SocketAddress.environmentVariable)"
}

/// ``connectAdvice(path:errno:runtimeDirectory:owner:)`` for this process and this machine.
func connectAdvice(path: String, errno code: Int32) -> String {
    connectAdvice(
        path: path, errno: code, runtimeDirectory: getenv("XDG_RUNTIME_DIR").map { String(cString: $0) },
        owner: SocketOwner(path: path))
}
