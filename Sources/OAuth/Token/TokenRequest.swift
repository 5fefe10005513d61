package import ToolAuthCore

/// A request to a token endpoint, ready to send.
package struct TokenRequest: Sendable {
    package var http: HTTPRequest
    /// All it carries that must never come back in words.
    package let secrets: [Secret]

    /// Why a configuration makes no request.
    package struct Impossible: Error, Sendable, Equatable {
        package let detail: String
    }

    /// Redeems a code (RFC 6749 §4.1.3).
    ///
    /// - Parameter clientSecret: nil for a public client.
    package static func exchange(
        code: Secret, pending: PendingAuthorization, _ configuration: OAuth2Configuration, clientSecret: Secret?
    ) throws(Impossible) -> TokenRequest {
        let values = TemplateValues(
            scope: pending.scope, clientID: configuration.clientID, redirectURI: pending.redirectURI,
            connection: configuration.connection)
        let grant: [(String, Secret?)] = [
            ("grant_type", Secret("authorization_code")), ("code", code), ("redirect_uri", Secret(pending.redirectURI)),
            ("code_verifier", pending.codeVerifier),
        ]
        return try build(
            configuration.token, configuration, grant, values, clientSecret,
            secrets: [code, pending.codeVerifier, pending.state, pending.nonce, clientSecret])
    }

    /// Asks for a new access token (RFC 6749 §6). Scopes go along only where the endpoint's parameters have `${scope}`,
    /// which is what was granted: never more.
    ///
    /// - Parameter clientSecret: nil for a public client.
    package static func refresh(
        _ refreshToken: Secret, record: ToolAuthRecord, _ configuration: OAuth2Configuration, clientSecret: Secret?
    ) throws(Impossible) -> TokenRequest {
        let values = TemplateValues(
            scope: record.scope, clientID: configuration.clientID, redirectURI: configuration.redirectURIs.first ?? "",
            connection: configuration.connection, metadata: record.metadata)
        let grant: [(String, Secret?)] = [("grant_type", Secret("refresh_token")), ("refresh_token", refreshToken)]
        return try build(
            configuration.refresh, configuration, grant, values, clientSecret, secrets: [refreshToken, clientSecret])
    }

    private static func build(
        _ endpoint: TokenEndpoint, _ configuration: OAuth2Configuration, _ grant: [(name: String, value: Secret?)],
        _ values: TemplateValues, _ clientSecret: Secret?, secrets: [Secret?]
    ) throws(Impossible) -> TokenRequest {
        let url: EndpointURL
        do throws(InvalidURL) { url = try EndpointURL(endpoint.url) } catch {
            throw Impossible(detail: "the token endpoint \(error.detail)")
        }
        var parameters = ParameterList(rename: endpoint.rename)
        var headers: [HTTPRequest.Header] = []
        for (name, value) in grant { parameters.addStandard(name, value) }
        ClientAuthentication.apply(
            endpoint.clientAuthentication, clientID: configuration.clientID, secret: clientSecret, to: &parameters,
            &headers)
        do throws(UnfilledTemplate) {
            for (name, value) in try values.expand(endpoint.parameters) { parameters.add(name, value) }
        } catch {
            throw Impossible(detail: error.detail)
        }
        if endpoint.body == .query, let taken = url.queryNames?.first(where: parameters.contains) {
            throw Impossible(detail: "the query of the token endpoint already has '\(taken)'")
        }
        var request = HTTPRequest(method: .post, url: endpoint.url, options: configuration.transport)
        request.put(parameters.pairs, as: endpoint.body)
        request.headers += headers
        // A document's own Authorization would be a second way beside the secret (§2.3).
        request.addHeaders(endpoint.headers.filter { clientSecret == nil || $0.key.lowercased() != "authorization" })
        return TokenRequest(http: request, secrets: secrets.compactMap { $0 })
    }
}

extension HTTPRequest {
    /// Puts the parameters where the endpoint wants them, with the matching `Content-Type`.
    mutating func put(_ parameters: [(name: String, value: Secret)], as format: TokenEndpoint.BodyFormat) {
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
    mutating func addHeaders(_ configured: [String: String]) {
        for (name, value) in configured.sorted(by: { bytesPrecede($0.key, $1.key) }) where !hasHeader(name) {
            headers.append(Header(name, value))
        }
        if !hasHeader("Accept") { headers.append(Header("Accept", "application/json")) }
    }

    private func hasHeader(_ name: String) -> Bool {
        headers.contains { $0.name.lowercased() == name.lowercased() }
    }
}
