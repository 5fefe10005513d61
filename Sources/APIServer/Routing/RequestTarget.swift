/// The target of a request (RFC 9112 §3.2), split but not decoded.
struct RequestTarget: Equatable {
    /// Begins with a slash.
    let path: Substring
    /// What follows the first `?`; nil if there is none.
    let query: Substring?

    /// Splits a target in origin form.
    init(_ target: String) {
        if let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = target[..<mark]
            query = target[target.utf8.index(after: mark)...]
        } else {
            path = target[...]
            query = nil
        }
    }

    /// Brings a target as it came into origin form: `http://host/path` loses scheme and host (RFC 9112 §3.2.2).
    ///
    /// - Returns: nil for any other form, for a fragment, and where there is a byte that should have been escaped.
    static func originForm(_ target: String) -> String? {
        guard target.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") }) else { return nil }
        if target.utf8.first == UInt8(ascii: "/") { return target }
        let scheme = "http://"
        guard target.utf8.prefix(scheme.utf8.count).map(lowercased).elementsEqual(scheme.utf8) else { return nil }
        let rest = target.utf8.dropFirst(scheme.utf8.count)
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        guard end > rest.startIndex else { return nil }
        let origin = target[end...]
        return origin.utf8.first == UInt8(ascii: "/") ? String(origin) : "/\(origin)"
    }
}

/// ASCII only.
func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
