import Glibc

/// A Unix stream socket of our own, listening at a path, where no service manager made one.
package struct UnixListener: Sendable {
    package let descriptor: CInt
    package let path: String
    private let file: FileIdentity

    /// Makes the socket and listens. At no instant can anyone connect whom `mode` and `group` do not admit.
    ///
    /// A socket file that nobody listens at, as a killed daemon leaves it, is replaced; anything else at `path` is left
    /// alone. Of two daemons that start at the very same time and find such a file, one may take the other's path: the
    /// lock on the state directory comes before this.
    ///
    /// - Parameters:
    ///   - path: at most 107 bytes. Its directory is made if missing, not the directories above.
    ///   - mode: such as 0o660.
    ///   - group: the name of the group the socket belongs to; nil: the process's own.
    ///   - directoryMode: of the directory, if it is made: 0o755 under /run, 0o700 in a user's runtime directory.
    package static func bind(
        path: String, mode: UInt32, group: String?, directoryMode: UInt32
    ) throws(ListenError) -> UnixListener {
        guard var address = UnixSocketAddress(path) else {
            throw ListenError(
                .badPath, "\(path) cannot be a socket's path, which is absolute and at most 107 bytes long")
        }
        var groupID: gid_t?
        if let group {
            groupID = GroupName.id(of: group)
            if groupID == nil {
                throw ListenError(.unknownGroup, "there is no group “\(group)” for the socket \(path)")
            }
        }
        try makeDirectory(of: path, mode: directoryMode)
        try StaleSocket.remove(path, &address)

        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("cannot make a socket") }
        do throws(ListenError) {
            return try UnixListener(descriptor, at: &address, path: path, mode: mode, group: groupID)
        } catch {
            close(descriptor)
            throw error
        }
    }

    private init(
        _ descriptor: CInt, at address: inout UnixSocketAddress, path: String, mode: mode_t, group: gid_t?
    ) throws(ListenError) {
        guard address.bindPrivately(descriptor) == 0 else {
            throw errno == EADDRINUSE
                ? ListenError(.inUse, "another daemon has just taken \(path)")
                : Self.failure("cannot make the socket \(path)")
        }
        guard let file = FileIdentity(path) else { throw Self.failure("cannot find the socket \(path) just made") }
        self.descriptor = descriptor
        self.path = path
        self.file = file
        do throws(ListenError) {
            // The kernel cuts the backlog to net.core.somaxconn.
            guard listen(descriptor, 4096) == 0 else { throw Self.failure("cannot listen at \(path)") }
            // In a directory with the set-group-ID bit it belongs to the directory's group from the start.
            if let group, group != file.group, lchown(path, .max, group) != 0 {
                throw Self.failure("cannot give the socket \(path) to its group")
            }
            guard chmod(path, mode) == 0 else { throw Self.failure("cannot set the mode of the socket \(path)") }
        } catch {
            cleanUp()
            throw error
        }
    }

    /// Removes the file, if it is still the one that was made; another's stays. Does not close the descriptor.
    package func cleanUp() {
        if FileIdentity(path) == file { unlink(path) }
    }

    private static func makeDirectory(of path: String, mode: mode_t) throws(ListenError) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        let directory = String(path[..<slash])
        if mkdir(directory, mode & 0o700) == 0 {
            // Past the umask.
            guard chmod(directory, mode) == 0 else { throw failure("cannot set the mode of \(directory)") }
        } else if errno != EEXIST {
            throw failure("cannot make the directory \(directory)")
        }
    }

    /// What errno says about `what`.
    static func failure(_ what: String) -> ListenError {
        let code: ListenError.Code =
            switch errno {
            case EACCES, EPERM, EROFS: .denied
            case ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP: .badPath
            default: .io
            }
        return ListenError(code, "\(what): \(errorText(errno))")
    }
}

/// Which file a path leads to; without following a last symbolic link.
struct FileIdentity: Sendable, Equatable {
    let device: dev_t
    let inode: ino_t
    /// When it was asked for; not part of the identity.
    let group: gid_t
    let isSocket: Bool

    static func == (lhs: Self, rhs: Self) -> Bool { lhs.device == rhs.device && lhs.inode == rhs.inode }

    /// - Returns: nil, and errno, if there is none.
    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        device = status.st_dev
        inode = status.st_ino
        group = status.st_gid
        isSocket = status.st_mode & S_IFMT == S_IFSOCK
    }
}
