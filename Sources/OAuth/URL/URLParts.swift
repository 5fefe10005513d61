/// The pieces of `scheme://authority/path?query`, as written.
struct URLParts {
    let scheme: String
    let authority: String
    /// Empty, or begins with `/`.
    let path: String
    let query: String?

    /// - Throws: ``InvalidURL`` for anything but visible ASCII, a backslash, user information, a fragment, or no `://`.
    init(_ text: String) throws(InvalidURL) {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw InvalidURL("has spaces, control characters or characters beyond ASCII; percent-encode them")
        }
        guard !bytes.contains(UInt8(ascii: "\\")) else { throw InvalidURL("has a backslash") }
        guard !bytes.contains(UInt8(ascii: "#")) else { throw InvalidURL("has a fragment") }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), Self.isScheme(bytes[..<colon]),
            bytes[colon...].starts(with: "://".utf8)
        else { throw InvalidURL("is not absolute") }
        let rest = bytes[(colon + 3)...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        let question = rest.firstIndex(of: UInt8(ascii: "?"))
        guard !rest[..<end].contains(UInt8(ascii: "@")) else { throw InvalidURL("has user information") }
        scheme = String(decoding: bytes[..<colon], as: UTF8.self)
        authority = String(decoding: rest[..<end], as: UTF8.self)
        path = String(decoding: rest[end..<(question ?? rest.endIndex)], as: UTF8.self)
        query = question.map { String(decoding: rest[($0 + 1)...], as: UTF8.self) }
    }

    static func isScheme(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first, isLetter(first) else { return false }
        return bytes.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
