import Glibc

/// Which group a listening Unix socket was made for.
package enum SocketGroup {
    /// The group of the file at the socket's path: its members are whom whoever made the socket meant to let in. The
    /// descriptor itself does not tell.
    ///
    /// - Returns: nil for a socket without a path, or whose path is gone.
    package static func id(ofSocket descriptor: CInt) -> UInt32? {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isNamed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
        }
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        guard isNamed, address.sun_family == sa_family_t(AF_UNIX), Int(length) > start else { return nil }
        var status = stat()
        let isFound = withUnsafeBytes(of: address.sun_path) { bytes in
            guard let path = bytes.baseAddress?.assumingMemoryBound(to: CChar.self), path[0] != 0 else { return false }
            return stat(path, &status) == 0
        }
        return isFound ? status.st_gid : nil
    }
}
