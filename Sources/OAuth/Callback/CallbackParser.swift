package import ToolAuthCore

/// Reads the redirect back (RFC 6749 §4.1.2) out of a URL or its query.
package enum CallbackParser {
    /// Longer URLs are not read.
    package static let maximumBytes = 64 << 10

    /// - Parameter url: all of what the browser was sent to.
    /// - Throws: ``ToolAuthError``: `invalid-request` with field `url` for what is no URL or too long;
    ///   `invalid-callback` as ``parse(query:)``.
    package static func parse(url: String) throws(ToolAuthError) -> Callback {
        guard url.utf8.count <= maximumBytes else {
            throw .invalidRequest(field: "url", "it is longer than \(maximumBytes) bytes")
        }
        guard let colon = url.utf8.firstIndex(of: UInt8(ascii: ":")), URLParts.isScheme(url.utf8[..<colon]) else {
            throw .invalidRequest(field: "url", "it is not absolute; give the whole URL the browser was sent to")
        }
        let beforeFragment = url.utf8.prefix { $0 != UInt8(ascii: "#") }
        guard let question = beforeFragment.firstIndex(of: UInt8(ascii: "?")) else {
            throw ToolAuthError(.invalidCallback, "the URL has no query, so no state")
        }
        let query = beforeFragment[beforeFragment.index(after: question)...]
        return try parse(query: query, redirectURI: RedirectURI.withoutQuery(url))
    }

    /// - Parameters:
    ///   - query: without its `?`.
    ///   - redirectURI: the URL it came to, query aside; nil where that is not known.
    /// - Throws: ``ToolAuthError`` (`invalid-callback`) for broken encoding, a parameter that comes twice (§3.1), or no
    ///   state.
    package static func parse(
        query: some Collection<UInt8>, redirectURI: String? = nil
    ) throws(ToolAuthError) -> Callback {
        guard query.count <= maximumBytes, let pairs = FormURLEncoding.decode(query) else {
            throw ToolAuthError(.invalidCallback, "the query cannot be decoded")
        }
        var parameters: [String: String] = [:]
        for (name, value) in pairs {
            guard parameters.updateValue(value, forKey: name) == nil else {
                throw ToolAuthError(.invalidCallback, "the parameter '\(PlainText.shown(name))' comes twice")
            }
        }
        // Empty means omitted.
        func take(_ name: String) -> String? {
            parameters.removeValue(forKey: name).flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let state = take("state") else { throw ToolAuthError(.invalidCallback, "the state is missing") }
        return Callback(
            state: Secret(state), code: take("code").map { Secret($0) }, issuer: take("iss"), error: take("error"),
            errorDescription: take("error_description"), parameters: parameters, redirectURI: redirectURI)
    }
}
