import Glibc

/// An IP address and a port to listen on.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// Without brackets.
    package let host: String
    package let port: UInt16
    package let isIPv6: Bool

    /// - Parameter text: `127.0.0.1:8790` or `[::1]:8790`; names are not looked up.
    /// - Returns: nil for anything else.
    package init?(_ text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let digits = text[text.utf8.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = UInt16(digits),
            port > 0
        else { return nil }
        var host = text[..<colon]
        isIPv6 = host.utf8.first == UInt8(ascii: "[") && host.utf8.last == UInt8(ascii: "]")
        if isIPv6 { host = host.dropFirst().dropLast() }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(isIPv6 ? AF_INET6 : AF_INET, String(host), &bytes) == 1 else { return nil }
        isLoopback = isIPv6 ? bytes == Self.loopback6 : bytes[0] == 127
        self.host = String(host)
        self.port = port
    }

    /// Whether only this machine reaches it.
    package let isLoopback: Bool

    package var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static let loopback6 = [UInt8](repeating: 0, count: 15) + [1]
}
