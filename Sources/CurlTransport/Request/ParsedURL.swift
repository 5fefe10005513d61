import CCurl

/// The parts of a URL that decide where a request goes, as libcurl itself reads them: a second parser would be a second
/// opinion.
struct ParsedURL: Equatable {
    /// In lower case.
    let scheme: String
    /// In lower case, an IPv6 address without its brackets.
    let host: String
    let port: Int
    let path: String
    let hasQuery: Bool
    let hasCredentials: Bool

    /// - Returns: nil if libcurl would not take it as an absolute URL.
    init?(_ url: String) {
        guard let parser = curl_url() else { return nil }
        defer { curl_url_cleanup(parser) }
        guard curl_url_set(parser, CURLUPART_URL, url, 0) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: parser), let host = Self.part(CURLUPART_HOST, of: parser),
            let port = Self.part(CURLUPART_PORT, of: parser).flatMap({ Int($0) }), !host.isEmpty, port > 0
        else { return nil }
        self.scheme = scheme.lowercased()
        self.host = (host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host).lowercased()
        self.port = port
        path = Self.part(CURLUPART_PATH, of: parser) ?? "/"
        hasQuery = Self.part(CURLUPART_QUERY, of: parser) != nil
        hasCredentials =
            Self.part(CURLUPART_USER, of: parser) != nil || Self.part(CURLUPART_PASSWORD, of: parser) != nil
    }

    /// localhost, 127.0.0.1 and ::1. libcurl itself answers for the first; no lookup is made.
    var isLoopback: Bool { ["localhost", "127.0.0.1", "::1"].contains(host) }

    /// Whether the host is an address, or has one without a lookup.
    var needsNoLookup: Bool { host == "localhost" || host.contains(":") || Self.isDottedAddress(host) }

    private static func isDottedAddress(_ host: String) -> Bool {
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.allSatisfy { UInt8($0) != nil }
    }

    private static func part(_ part: CURLUPart, of parser: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parser, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
