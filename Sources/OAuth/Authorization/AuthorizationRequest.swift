package import ToolAuthCore

/// The first leg of the authorization code grant (RFC 6749 §4.1.1) with PKCE (RFC 7636 §4.3).
package enum AuthorizationRequest {
    /// Builds the URL at which a user consents, and what must be remembered until he returns.
    ///
    /// Parameters of the protocol come first and are never replaced; then the caller's, then the provider document's.
    /// `prompt` holds what either wants, since a provider that needs `consent` for a refresh token goes on needing it.
    ///
    /// - Parameter server: what the issuer says of itself; nil: it was not asked.
    /// - Throws: ``ToolAuthError``: `invalid-request` with its field for options the tool does not allow,
    ///   `tool-unavailable` where the configuration itself does not make a URL.
    package static func build(
        _ configuration: OAuth2Configuration, userID: UserID, options: AuthURLOptions, server: ServerMetadata? = nil,
        now: Timestamp, random: any RandomSource
    ) throws(ToolAuthError) -> PendingAuthorization {
        let endpoint = configuration.authorization
        let scopes = try AuthorizationOptions.scopes(options, configuration)
        let redirectURI = try AuthorizationOptions.redirectURI(options, configuration)
        try AuthorizationOptions.checkConnection(options, configuration)
        if let target = options.frontendRedirect {
            try FrontendRedirect.check(target, patterns: configuration.frontendRedirects)
        }
        let values = TemplateValues(
            scope: scopes.joined(separator: " "), redirectURI: redirectURI, configuration,
            connection: options.connection, RequestContext(server: server, now: now, random: random))
        let address: Endpoint
        let issuer: String?
        do throws(UnfitEndpoint) {
            address = try configuration.endpoint(endpoint.url, values, discovered: server?.authorizationEndpoint)
            issuer = try configuration.issuer(given: options.connection)
        } catch {
            throw unavailable(configuration, "its authorization endpoint \(error.detail)")
        }
        guard let taken = address.url.queryNames else {
            throw unavailable(configuration, "the query of its authorization endpoint cannot be decoded")
        }
        let extra = try AuthorizationOptions.extraParameters(options, configuration, taken: taken)

        let state = random.unguessable()
        let verifier = endpoint.pkce == .s256 ? random.unguessable() : nil
        // A document that leaves it out says that the server does not give it back.
        let takesNonce = endpoint.rename["nonce", default: "nonce"] != nil
        let nonce = takesNonce && scopes.contains { bytesEqual($0, "openid") } ? random.unguessable() : nil

        var standard = ParameterList(rename: ["scope": endpoint.scopeParameter].merging(endpoint.rename) { $1 })
        standard.addStandard("response_type", "code")
        standard.addStandard("client_id", configuration.clientID)
        standard.addStandard("redirect_uri", redirectURI)
        standard.addStandard("scope", values.scope)
        standard.addStandard("state", state)
        standard.addStandard("code_challenge", verifier.map(CodeChallenge.s256))
        standard.addStandard("code_challenge_method", verifier.map { _ in "S256" })
        standard.addStandard("nonce", nonce)
        if let conflict = standard.pairs.first(where: { pair in taken.contains { bytesEqual($0, pair.name) } }) {
            throw unavailable(configuration, "the query of its authorization endpoint already has '\(conflict.name)'")
        }

        var provided: [(name: String, value: Secret)]
        do throws(UnfilledTemplate) { provided = try values.expand(endpoint.parameters) } catch {
            throw unavailable(configuration, error.detail)
        }
        let providedPrompt = provided.first { $0.name == "prompt" }?.value.reveal()
        var parameters = standard
        parameters.addStandard("login_hint", options.loginHint)
        parameters.addStandard("prompt", AuthorizationOptions.prompt(asked: options.prompt, provided: providedPrompt))
        for (name, value) in extra { parameters.add(name, Secret(value)) }
        provided.removeAll { pair in taken.contains { bytesEqual($0, pair.name) } }
        for (name, value) in provided { parameters.add(name, value) }

        let pairs = parameters.pairs.map { (name: $0.name, value: $0.value.reveal()) }
        guard let authURL = URLQuery.append(pairs, to: address.text) else {
            throw unavailable(configuration, "its authorization endpoint has a fragment")
        }
        return PendingAuthorization(
            id: random.identifier(), key: ToolAuthKey(configuration.toolID, userID), state: state,
            codeVerifier: verifier, nonce: nonce, authURL: authURL, redirectURI: redirectURI,
            frontendRedirect: options.frontendRedirect, scope: scopes.joined(separator: " "),
            issuer: issuer, requiresIssuer: server?.sendsIssuer ?? false,
            clientID: configuration.clientID, connection: options.connection, createdAt: now,
            expiresAt: now + configuration.stateLifetime)
    }

    private static func unavailable(_ configuration: OAuth2Configuration, _ detail: String) -> ToolAuthError {
        ToolAuthError(.toolUnavailable, "the configuration of \(configuration.toolID) makes no request: \(detail)")
    }
}
