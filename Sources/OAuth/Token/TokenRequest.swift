package import ToolAuthCore

/// A request to a token endpoint, ready to send.
package struct TokenRequest: Sendable {
    package var http: HTTPRequest
    /// `scheme://host:port` it goes to: what the tokens it brings are bound to.
    package let origin: String
    /// All it carries that must never come back in words.
    package let secrets: [Secret]

    /// Why a configuration makes no request.
    package struct Impossible: Error, Sendable, Equatable {
        package let detail: String
    }

    /// Redeems a code (RFC 6749 §4.1.3).
    ///
    /// - Parameters:
    ///   - metadata: what the callback brought besides the code.
    ///   - clientSecret: nil for a public client.
    package static func exchange(
        code: Secret, pending: PendingAuthorization, metadata: [String: String] = [:],
        _ configuration: OAuth2Configuration, clientSecret: Secret?, _ context: RequestContext
    ) throws(Impossible) -> TokenRequest {
        let values = TemplateValues(pending, configuration, metadata: metadata, context)
        let grant: [(String, Secret?)] = [
            ("grant_type", Secret(configuration.token.grantType ?? "authorization_code")), ("code", code),
            ("redirect_uri", Secret(pending.redirectURI)), ("code_verifier", pending.codeVerifier),
        ]
        return try build(
            configuration.token, configuration, grant, values, clientSecret, context,
            secrets: [code, pending.codeVerifier, pending.state, pending.nonce, clientSecret])
    }

    /// Exchanges the access token of an exchange for one that lives longer.
    package static func upgrade(
        _ accessToken: Secret, at endpoint: TokenEndpoint, pending: PendingAuthorization, metadata: [String: String],
        _ configuration: OAuth2Configuration, clientSecret: Secret?, _ context: RequestContext
    ) throws(Impossible) -> TokenRequest {
        let values = TemplateValues(pending, configuration, metadata: metadata, context)
        let grant: [(String, Secret?)] = [
            ("grant_type", endpoint.grantType.map { Secret($0) }), ("access_token", accessToken),
        ]
        return try build(
            endpoint, configuration, grant, values, clientSecret, context, secrets: [accessToken, clientSecret])
    }

    /// Asks for a new access token, by the method of the tool's policy: with the refresh token (RFC 6749 §6), as the
    /// client itself (§4.4.2), or with the access token there is. Scopes go along with a refresh token only where the
    /// endpoint's parameters have `${scope}`, which is what was granted: never more.
    ///
    /// - Parameter clientSecret: nil for a public client.
    /// - Throws: ``Impossible`` where the grant has not what the method takes.
    package static func refresh(
        _ toolAuth: ToolAuth, _ configuration: OAuth2Configuration, clientSecret: Secret?, _ context: RequestContext
    ) throws(Impossible) -> TokenRequest {
        let record = toolAuth.record
        // A client asks anew for what its tool says, however the server named what it granted the last time.
        let scope = configuration.refreshPolicy.needsNoUser ? configuration.scopes.joined(separator: " ") : record.scope
        let values = TemplateValues(record, scope: scope, configuration, context)
        let grantType = configuration.refresh.grantType
        var grant: [(String, Secret?)]
        var secrets = [clientSecret]
        switch configuration.refreshPolicy.method {
        case .refreshToken:
            guard let token = toolAuth.refreshToken else { throw Impossible(detail: "there is no refresh token") }
            grant = [("grant_type", Secret(grantType ?? "refresh_token")), ("refresh_token", token)]
            secrets.append(token)
        case .reacquire:
            grant = [("grant_type", Secret(grantType ?? "client_credentials")), ("scope", Secret(values.scope))]
        case .exchangeAccessToken:
            guard let token = toolAuth.accessToken else { throw Impossible(detail: "there is no access token") }
            grant = [("grant_type", grantType.map { Secret($0) }), ("access_token", token)]
            secrets.append(token)
        case .none:
            throw Impossible(detail: "this provider has no refresh")
        }
        return try build(
            configuration.refresh, configuration, grant, values, clientSecret, context, secrets: secrets)
    }

    private static func build(
        _ endpoint: TokenEndpoint, _ configuration: OAuth2Configuration, _ grant: [(name: String, value: Secret?)],
        _ values: TemplateValues, _ clientSecret: Secret?, _ context: RequestContext, secrets: [Secret?]
    ) throws(Impossible) -> TokenRequest {
        let address: Endpoint
        do throws(UnfitEndpoint) {
            address = try configuration.endpoint(
                endpoint.url, values, discovered: context.server?.tokenEndpoint)
        } catch {
            throw Impossible(detail: "the token endpoint \(error.detail)")
        }
        var parameters = ParameterList(rename: endpoint.rename)
        var headers: [HTTPRequest.Header] = []
        for (name, value) in grant { parameters.addStandard(name, value) }
        let method = endpoint.clientAuthentication ?? context.server?.authentication ?? .clientSecretBasic
        ClientAuthentication.apply(
            method, clientID: configuration.clientID, secret: clientSecret, to: &parameters, &headers)
        do throws(UnfilledTemplate) {
            for (name, value) in try values.expand(endpoint.parameters) { parameters.add(name, value) }
        } catch {
            throw Impossible(detail: error.detail)
        }
        let place = endpoint.method == .get ? .query : endpoint.body
        if place == .query, let taken = address.url.queryNames?.first(where: parameters.contains) {
            throw Impossible(detail: "the query of the token endpoint already has '\(taken)'")
        }
        var request = HTTPRequest(
            method: endpoint.method == .get ? .get : .post, url: address.text, options: configuration.transport)
        request.put(parameters.pairs, as: place)
        request.headers += headers
        // A document's own Authorization would be a second way beside the secret (§2.3).
        request.addHeaders(endpoint.headers.filter { clientSecret == nil || $0.key.lowercased() != "authorization" })
        return TokenRequest(http: request, origin: address.url.origin, secrets: secrets.compactMap { $0 })
    }
}
