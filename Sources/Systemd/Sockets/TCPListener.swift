import CSystemd
import Glibc

/// A TCP socket of our own.
package enum TCPListener {
    /// Makes the socket and listens.
    ///
    /// - Parameters:
    ///   - host: an IP address without brackets.
    ///   - purpose: the key of the configuration it is for.
    /// - Returns: its descriptor.
    package static func bind(
        host: String, port: UInt16, isIPv6: Bool, purpose: String
    ) throws(ListenError) -> CInt {
        let shown = isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)"
        let descriptor = socket(
            isIPv6 ? AF_INET6 : AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure(shown, purpose) }
        // A restart finds connections of the daemon before that are not over yet.
        var on: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<CInt>.size))
        let isBound =
            isIPv6 ? bind6(descriptor, host, port, &on) : bind4(descriptor, host, port)
        guard isBound, listen(descriptor, 1024) == 0 else {
            let error = failure(shown, purpose)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func bind4(_ descriptor: CInt, _ host: String, _ port: UInt16) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return false }
        return bind(descriptor, &address, MemoryLayout<sockaddr_in>.size)
    }

    private static func bind6(_ descriptor: CInt, _ host: String, _ port: UInt16, _ on: inout CInt) -> Bool {
        setsockopt(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &on, socklen_t(MemoryLayout<CInt>.size))
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        guard inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else { return false }
        return bind(descriptor, &address, MemoryLayout<sockaddr_in6>.size)
    }

    private static func bind<Address>(_ descriptor: CInt, _ address: inout Address, _ size: Int) -> Bool {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(size)) == 0
            }
        }
    }

    private static func failure(_ address: String, _ purpose: String) -> ListenError {
        let (code, text): (ListenError.Code, String) =
            switch errno {
            case EADDRINUSE: (.inUse, "something else listens there; choose another port")
            case EACCES: (.denied, "the port is below 1024, which only root may use; choose another")
            default: (.io, errorText(errno))
            }
        return ListenError(code, "\(purpose): cannot listen at \(address): \(text)")
    }
}
