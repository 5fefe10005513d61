import ToolAuthCore

/// Rules for redirect URIs.
package enum RedirectURI {
    /// - Throws: ``InvalidURL`` unless `text` is absolute and without fragment (RFC 6749 §3.1.2), and either https, http
    ///   on a literal loopback address (RFC 8252 §7.3, §8.3), or of a private scheme named after a domain (§7.1).
    package static func check(_ text: String) throws(InvalidURL) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), URLParts.isScheme(text.utf8[..<colon]) else {
            throw InvalidURL("is not absolute")
        }
        switch text[..<colon].lowercased() {
        case "https":
            _ = try EndpointURL(text)
        case "http":
            guard try EndpointURL(text).isLoopbackAddress else {
                throw InvalidURL("is plain http; only http://127.0.0.1 and http://[::1] may be, other hosts need https")
            }
        case let scheme:
            guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), !text.utf8.contains(UInt8(ascii: "#")) else {
                throw InvalidURL("has a fragment, spaces, control characters or characters beyond ASCII")
            }
            guard scheme.utf8.contains(UInt8(ascii: ".")) else {
                throw InvalidURL("has a private scheme that is no reversed domain name, such as com.example.app")
            }
        }
    }

    /// Whether a browser sent to `url` came to `redirectURI`: same bytes, queries aside (RFC 8252 §8.10).
    package static func isSame(_ url: String, _ redirectURI: String) -> Bool {
        bytesEqual(withoutQuery(url), withoutQuery(redirectURI))
    }

    static func withoutQuery(_ url: String) -> String {
        String(decoding: url.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }, as: UTF8.self)
    }
}
