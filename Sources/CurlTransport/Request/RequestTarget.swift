import ToolAuthCore

/// Where a request goes, once it is clear that it may go there at all.
struct RequestTarget: Equatable {
    let url: ParsedURL
    /// The proxy to ask for a tunnel; nil: straight to the host. Never used for plain http, which stays on loopback.
    let proxy: ParsedURL?

    /// `host:port`, for messages.
    var peer: String { url.host.contains(":") ? "[\(url.host)]:\(url.port)" : "\(url.host):\(url.port)" }

    /// The host that is connected to.
    var hop: ParsedURL { proxy ?? url }

    /// - Throws: a failure of kind `refused` that names what is wrong, without the URL: a query may hold a secret.
    init(_ request: HTTPRequest) throws(TransportFailure) {
        url = try Self.parse(request.url, what: "URL")
        switch url.scheme {
        case "https":
            proxy = try request.options.proxy.map { proxy throws(TransportFailure) in try Self.parseProxy(proxy) }
        case "http":
            guard url.isLoopback else {
                throw .refused("plain http to \(url.host) is not allowed: give an https URL")
            }
            guard request.options.allowsHTTPLoopback else {
                throw .refused("plain http to \(url.host) is not allowed unless allow_http_loopback is set")
            }
            proxy = nil
        default:
            throw .refused("the scheme \(url.scheme) is not allowed: give an https URL")
        }
    }

    private static func parseProxy(_ text: String) throws(TransportFailure) -> ParsedURL {
        let proxy = try parse(text, what: "proxy")
        guard proxy.scheme == "http" || proxy.scheme == "https" else {
            throw .refused("the proxy's scheme must be http or https")
        }
        guard proxy.path == "/", !proxy.hasQuery else { throw .refused("the proxy must be given as http://HOST:PORT") }
        return proxy
    }

    private static func parse(_ text: String, what: String) throws(TransportFailure) -> ParsedURL {
        guard text.utf8.count <= 8192 else { throw .refused("the \(what) is longer than 8192 bytes") }
        guard text.utf8.allSatisfy(isURLByte) else {
            throw .refused("the \(what) has a character that must be percent-encoded, or a non-ASCII host")
        }
        guard !text.utf8.contains(UInt8(ascii: "#")) else {
            throw .refused("the \(what) has a fragment (RFC 6749 §3.2 forbids it)")
        }
        guard let authority = authority(of: text) else { throw .refused("the \(what) is not absolute") }
        guard let parsed = ParsedURL(text) else { throw .refused("the \(what) is not a valid URL") }
        guard !authority.contains(UInt8(ascii: "@")), !parsed.hasCredentials else {
            throw .refused("the \(what) holds a user name or password")
        }
        return parsed
    }

    /// What stands between `//` and the path; nil if nothing does. libcurl forgives one slash and three.
    private static func authority(of text: String) -> Substring.UTF8View.SubSequence? {
        let (bytes, mark) = (text.utf8, "://".utf8)
        guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: mark) }) else { return nil }
        let rest = bytes[start...].dropFirst(mark.count)
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        return end == rest.startIndex ? nil : rest[..<end]
    }

    /// Visible ASCII, except what RFC 3986 leaves out. `[` and `]` are for IPv6.
    private static func isURLByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "^"),
            UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            false
        default: (0x21...0x7e).contains(byte)
        }
    }
}

extension TransportFailure {
    static func refused(_ detail: String) -> TransportFailure {
        TransportFailure(.refused, mayHaveBeenSent: false, detail: detail)
    }
}
