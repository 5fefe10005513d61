import Glibc

/// Which hosts requests with tokens and secrets may go to. Looks at addresses written out; what a name resolves to is
/// not known here.
package struct AddressRules: Sendable, Equatable {
    /// This machine, over plain http too; for tests.
    package var allowsLoopback: Bool
    /// Private and link-local addresses.
    package var allowsPrivate: Bool

    package init(allowsLoopback: Bool = false, allowsPrivate: Bool = false) {
        self.allowsLoopback = allowsLoopback
        self.allowsPrivate = allowsPrivate
    }

    package enum Reach: Sendable, Equatable {
        /// A name, or an address of the internet.
        case anywhere
        case loopback
        /// Private, link-local, shared, multicast or reserved: no place of a provider.
        case `private`
        /// Digits that some libraries read as an address and others as a name.
        case ambiguous
    }

    /// Why `url` may not be used, in words that follow its name; nil: it may.
    package func problem(_ url: EndpointURL) -> String? {
        let reach = Self.reach(of: url.host)
        if reach == .ambiguous { return "has '\(url.host)' as its host, which is neither a name nor a plain address" }
        if reach == .loopback, !allowsLoopback {
            return "is on this machine (\(url.host)); only with allow_http_loopback, which is for tests"
        }
        if url.scheme != .https, reach != .loopback { return "is not https" }
        if reach == .private, !allowsPrivate {
            return "is a private address (\(url.host)); only with allow_private_addresses"
        }
        return nil
    }

    package static func isLoopback(_ host: String) -> Bool { reach(of: host) == .loopback }

    /// - Parameter host: in lower case; an IPv6 address in brackets.
    package static func reach(of host: String) -> Reach {
        // A dot at the end makes the name no other.
        let name = host.hasSuffix(".") ? host.dropLast() : host[...]
        if name == "localhost" || name.hasSuffix(".localhost") { return .loopback }
        if host.utf8.first == UInt8(ascii: "[") {
            guard let bytes = ipv6(String(host.dropFirst().dropLast())) else { return .ambiguous }
            return reach(ofIPv6: bytes)
        }
        if let bytes = ipv4(host) { return reach(ofIPv4: bytes) }
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        // `127.1`, `2130706433` and `0x7f.1` are 127.0.0.1 to inet_aton, and so to libcurl.
        guard let last = labels.last(where: { !$0.isEmpty }), !isNumber(last) else { return .ambiguous }
        return labels.dropLast(labels.last?.isEmpty == true ? 1 : 0).contains { $0.isEmpty } ? .ambiguous : .anywhere
    }

    private static func reach(ofIPv4 bytes: [UInt8]) -> Reach {
        switch (bytes[0], bytes[1]) {
        case (127, _): .loopback
        case (0, _), (10, _), (100, 64...127), (169, 254), (172, 16...31), (192, 168), (198, 18...19), (224...255, _):
            .private
        case (192, 0) where bytes[2] == 0: .private
        default: .anywhere
        }
    }

    private static func reach(ofIPv6 bytes: [UInt8]) -> Reach {
        if bytes.dropLast().allSatisfy({ $0 == 0 }) { return bytes[15] == 1 ? .loopback : .private }
        // IPv4 addresses in IPv6 clothes: mapped, compatible, NAT64, 6to4.
        let prefix = Array(bytes[..<12])
        if prefix == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] || prefix.allSatisfy({ $0 == 0 })
            || prefix == [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
        {
            return inside(Array(bytes[12...]))
        }
        if bytes[0] == 0x20, bytes[1] == 0x02 { return inside(Array(bytes[2..<6])) }
        switch (bytes[0], bytes[1]) {
        case (0xfc...0xfd, _), (0xfe, 0x80...0xff), (0xff, _): return .private
        default: return .anywhere
        }
    }

    /// An address that is wrapped into another is never the loopback that `allow_http_loopback` means.
    private static func inside(_ bytes: [UInt8]) -> Reach {
        reach(ofIPv4: bytes) == .anywhere ? .anywhere : .private
    }

    private static func ipv4(_ text: String) -> [UInt8]? {
        var address = in_addr()
        guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
        return withUnsafeBytes(of: address) { Array($0) }
    }

    private static func ipv6(_ text: String) -> [UInt8]? {
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        return withUnsafeBytes(of: address) { Array($0) }
    }

    /// Decimal, octal or hexadecimal digits.
    private static func isNumber(_ label: Substring.UTF8View.SubSequence) -> Bool {
        if label.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) { return true }
        return label.starts(with: "0x".utf8)
            && label.dropFirst(2).allSatisfy { UInt8(String(UnicodeScalar($0)), radix: 16) != nil }
    }
}
