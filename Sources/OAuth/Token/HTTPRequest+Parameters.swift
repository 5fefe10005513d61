package import ToolAuthCore

extension HTTPRequest {
    /// Puts the parameters where the endpoint wants them, with the matching `Content-Type`.
    package mutating func put(_ parameters: [(name: String, value: Secret)], as format: TokenEndpoint.BodyFormat) {
        switch format {
        case .form:
            headers.append(Header("Content-Type", FormURLEncoding.mediaType))
            body = FormURLEncoding.encode(parameters)
        case .json:
            headers.append(Header("Content-Type", "application/json"))
            body = JSONWriter.object(parameters)
        case .query:
            // Only where a provider document says so: URLs end up in logs (RFC 6749 §2.3.1).
            let pairs = parameters.map { (name: $0.name, value: $0.value.reveal()) }
            url = URLQuery.append(pairs, to: url) ?? url
        }
    }

    /// Adds the document's headers, in the order of their names, and `Accept: application/json` unless they have one.
    /// Those already there stand.
    package mutating func addHeaders(_ configured: [String: String]) {
        for (name, value) in configured.sorted(by: { bytesPrecede($0.key, $1.key) }) where !hasHeader(name) {
            headers.append(Header(name, value))
        }
        if !hasHeader("Accept") { headers.append(Header("Accept", "application/json")) }
    }

    private func hasHeader(_ name: String) -> Bool {
        headers.contains { $0.name.lowercased() == name.lowercased() }
    }
}
