import ToolAuthCore

/// Adding to the query of a URL.
package enum URLQuery {
    /// `url` with `pairs` appended, percent-encoded (`%20`, which form decoders read too); a query already there is kept
    /// as it is (RFC 6749 §3.1).
    ///
    /// - Returns: nil where `url` has a fragment, behind which a query would be lost.
    package static func append(_ pairs: [(name: String, value: String)], to url: String) -> String? {
        guard !url.utf8.contains(UInt8(ascii: "#")) else { return nil }
        guard !pairs.isEmpty else { return url }
        let encoded = pairs.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        let joined = encoded.joined(separator: "&")
        guard let question = url.utf8.firstIndex(of: UInt8(ascii: "?")) else { return "\(url)?\(joined)" }
        let query = url.utf8[url.utf8.index(after: question)...]
        let isOpen = query.isEmpty || query.last == UInt8(ascii: "&")
        return isOpen ? url + joined : "\(url)&\(joined)"
    }
}
