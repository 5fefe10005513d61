import ToolAuthCore

/// One entry of `frontend_redirects`: a URL, or one whose path ends in `*` and allows what begins alike.
package struct RedirectPattern: Sendable, Equatable {
    /// `scheme://authority`, as written.
    private let site: String
    /// With the query of an exact pattern; at least `/`.
    private let target: String
    private let isPrefix: Bool

    /// - Throws: ``InvalidURL`` unless `text` is an http(s) URL without fragment and user information, whose only `*`, if
    ///   any, ends its path.
    package init(_ text: String) throws(InvalidURL) {
        isPrefix = text.utf8.last == UInt8(ascii: "*")
        let written = isPrefix ? String(text.dropLast()) : text
        guard !written.utf8.contains(UInt8(ascii: "*")) else {
            throw InvalidURL("has a '*' that is not the last character of its path")
        }
        let url = try FrontendURL(written)
        guard !isPrefix || (url.query == nil && url.path.utf8.first == UInt8(ascii: "/")) else {
            throw InvalidURL("has a '*' that is not the last character of its path")
        }
        site = url.site
        target = url.target
    }

    /// Scheme, host and port as written in the pattern, byte for byte; then the path, up to the `*` if there is one. An
    /// exact pattern also fixes the query.
    package func allows(_ url: FrontendURL) -> Bool {
        guard bytesEqual(site, url.site) else { return false }
        return isPrefix ? url.normalPath.utf8.starts(with: target.utf8) : bytesEqual(target, url.target)
    }
}

/// A place to send a browser to, which all browsers read alike.
package struct FrontendURL: Sendable, Equatable {
    /// `scheme://authority`, as written.
    let site: String
    let path: String
    let query: String?

    var normalPath: String { path.isEmpty ? "/" : path }
    var target: String { normalPath + (query.map { "?\($0)" } ?? "") }

    /// - Throws: ``InvalidURL`` for what ``EndpointURL`` refuses, and for `.` and `..` segments, backslashes and control
    ///   characters, however often encoded.
    package init(_ text: String) throws(InvalidURL) {
        _ = try EndpointURL(text)
        let parts = try URLParts(text)
        site = "\(parts.scheme)://\(parts.authority)"
        path = parts.path
        query = parts.query
        let decodedPath = try Self.fullyDecoded(path)
        guard !decodedPath.contains(UInt8(ascii: "\\")) else { throw InvalidURL("has an encoded backslash") }
        for segment in decodedPath.split(separator: UInt8(ascii: "/")) {
            // Some servers cut path parameters off first: `/..;x/` is `/../` to them.
            let name = Array(segment.prefix { $0 != UInt8(ascii: ";") })
            guard name != Array(".".utf8), name != Array("..".utf8) else { throw InvalidURL("has a dot segment") }
        }
        _ = try Self.fullyDecoded(query ?? "")
    }

    /// `text` decoded until nothing is left to decode; each round is shorter, so that there is an end.
    private static func fullyDecoded(_ text: String) throws(InvalidURL) -> [UInt8] {
        guard var bytes = PercentEncoding.decode(text.utf8) else { throw InvalidURL("has a broken percent-encoding") }
        while let next = PercentEncoding.decode(bytes), next != bytes { bytes = next }
        guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { throw InvalidURL("has control characters") }
        return bytes
    }
}
