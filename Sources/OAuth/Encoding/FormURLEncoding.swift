package import ToolAuthCore

/// `application/x-www-form-urlencoded` over UTF-8 (RFC 6749 appendix B).
///
/// `~` stays as it is: every decoder reads it alike, and servers that forget to decode Basic credentials then still
/// understand the secrets that hold one.
package enum FormURLEncoding {
    package static let mediaType = "application/x-www-form-urlencoded"

    /// One name or value; a space becomes `+`.
    package static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        append(text.utf8, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A whole body or query, in the order given.
    package static func encode(_ pairs: [(name: String, value: Secret)]) -> Secret {
        var bytes: [UInt8] = []
        for (name, value) in pairs {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
            append(name.utf8, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            value.withUnsafeBytes { append($0, to: &bytes) }
        }
        return Secret(bytes)
    }

    /// The pairs of a body or query, in order, repeated names included; a name without `=` has an empty value, empty
    /// pieces (`&&`) are skipped.
    ///
    /// - Returns: nil for a broken `%XX` or bytes that are not UTF-8.
    package static func decode(_ bytes: some Collection<UInt8>) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for piece in bytes.split(separator: UInt8(ascii: "&")) {
            let equals = piece.firstIndex(of: UInt8(ascii: "="))
            guard let name = text(piece[..<(equals ?? piece.endIndex)]),
                let value = equals.map({ text(piece[piece.index(after: $0)...]) }) ?? ""
            else { return nil }
            pairs.append((name, value))
        }
        return pairs
    }

    static func append(_ bytes: some Sequence<UInt8>, to result: inout [UInt8]) {
        for byte in bytes {
            if byte == UInt8(ascii: " ") {
                result.append(UInt8(ascii: "+"))
            } else {
                PercentEncoding.append(byte, to: &result)
            }
        }
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String? {
        let spaced = bytes.lazy.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return PercentEncoding.decode(spaced).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
