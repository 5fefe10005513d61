import Glibc

/// Looks names up as the system does (`getaddrinfo`): hosts file, DNS, whatever nsswitch.conf says.
enum SystemLookup {
    /// Blocks, for as long as the resolver pleases.
    @Sendable static func lookUp(_ host: String) -> NameAnswer {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else { return .failed(reason: String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var next = list
        while let node = next {
            if let address = text(of: node.pointee), !addresses.contains(address) { addresses.append(address) }
            next = node.pointee.ai_next
        }
        return addresses.isEmpty ? .failed(reason: "the name has no usable address") : .addresses(addresses)
    }

    /// The numeric form; nil for a scoped address, which libcurl does not take in a list.
    private static func text(of info: addrinfo) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard
            getnameinfo(
                info.ai_addr, info.ai_addrlen, &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0
        else { return nil }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return text.contains("%") ? nil : text
    }
}
