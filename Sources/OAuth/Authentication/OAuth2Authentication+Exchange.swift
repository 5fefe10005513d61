package import ToolAuthCore

extension OAuth2Authentication {
    package func retrieveAuthToken(
        from callback: Callback, pending: PendingAuthorization
    ) async throws -> TokenGrant {
        let code = try CallbackCheck.code(
            of: callback, pending: pending, codeParameter: configuration.authorization.codeParameter)
        try checkIssuer(of: pending)
        let told = metadata(of: callback)
        let server: ServerMetadata?
        do throws(DiscoveryFailure) { server = try await discovered(given: pending.connection) } catch {
            throw ToolAuthError(
                .providerUnreachable, "\(Self.sentence(error, toolID)); start the authorization again")
        }
        let success = try await exchange(
            configuration.token.response, keepsRefreshToken: false
        ) { secret throws(TokenRequest.Impossible) in
            try .exchange(
                code: code, pending: pending, metadata: told, configuration, clientSecret: secret, context(server))
        }
        if let idToken = success.idToken, let nonce = pending.nonce {
            try IDToken.check(
                idToken, nonce: nonce, issuer: pending.issuer, clientID: configuration.clientID, now: clock.now)
        }
        var grant = success.grant
        grant.metadata.merge(told) { reply, _ in reply }
        if let endpoint = configuration.upgrade {
            grant = try await upgraded(grant, at: endpoint, pending, server)
        }
        if configuration.refreshNamesRedirect {
            grant.metadata[OAuth2Configuration.redirectKey] = pending.redirectURI
        }
        for (name, value) in pending.connection where configuration.connection[name] == nil {
            grant.metadata[OAuth2Configuration.connectionPrefix + name] = value
        }
        return grant
    }

    /// A code of one issuer is not sent to another, which the tool may name since.
    private func checkIssuer(of pending: PendingAuthorization) throws(ToolAuthError) {
        let issuer: String?
        do throws(UnfitEndpoint) { issuer = try configuration.issuer(given: pending.connection) } catch { issuer = nil }
        guard bytesEqual(issuer ?? "", pending.issuer ?? "") else {
            throw ToolAuthError(
                .invalidCallback, "\(toolID) names another issuer than it did; start the authorization again.")
        }
    }

    /// What the callback brought that the document keeps.
    private func metadata(of callback: Callback) -> [String: String] {
        var metadata: [String: String] = [:]
        for name in configuration.authorization.callbackMetadata {
            if let value = callback.parameters[name], !value.isEmpty { metadata[name] = value }
        }
        return metadata
    }

    /// The grant with the token that its own buys.
    private func upgraded(
        _ grant: TokenGrant, at endpoint: TokenEndpoint, _ pending: PendingAuthorization, _ server: ServerMetadata?
    ) async throws(ToolAuthError) -> TokenGrant {
        let success = try await exchange(
            endpoint.response, keepsRefreshToken: grant.refreshToken != nil
        ) { secret throws(TokenRequest.Impossible) in
            try .upgrade(
                grant.accessToken, at: endpoint, pending: pending, metadata: grant.metadata, configuration,
                clientSecret: secret, context(server))
        }
        var upgraded = success.grant
        if upgraded.refreshToken == nil {
            upgraded.refreshToken = grant.refreshToken
            upgraded.refreshTokenExpiresAt = upgraded.refreshTokenExpiresAt ?? grant.refreshTokenExpiresAt
        }
        upgraded.scope = upgraded.scope ?? grant.scope
        upgraded.metadata.merge(grant.metadata) { new, _ in new }
        return upgraded
    }

    /// Sends a request of an exchange. Where the provider refused the client it looked no further, so the code is still
    /// whole and goes out once more with the next secret.
    ///
    /// - Parameters:
    ///   - format: of the reply.
    ///   - keepsRefreshToken: whether a refresh token that is at hand goes on if the reply has none.
    private func exchange(
        _ format: TokenResponseFormat, keepsRefreshToken: Bool,
        _ build: (Secret?) throws(TokenRequest.Impossible) -> TokenRequest
    ) async throws(ToolAuthError) -> ExchangeClassification.Success {
        var rejected: ToolAuthError?
        for secret in secrets {
            let request: TokenRequest
            do throws(TokenRequest.Impossible) { request = try build(secret) } catch {
                throw ToolAuthError(
                    .toolUnavailable, "the configuration of \(toolID) makes no request: \(error.detail)")
            }
            let (result, context) = await send(request.http, keepsRefreshToken: keepsRefreshToken)
            do throws(ToolAuthError) {
                var success = try ExchangeClassification.success(
                    of: result, format, context, secrets: request.secrets, now: clock.now)
                success.grant.tokenOrigin = request.origin
                return success
            } catch {
                guard error.reason == "client_rejected" else { throw error }
                rejected = error
            }
        }
        throw rejected ?? ToolAuthError(.toolUnavailable, "\(toolID) has no client secret")
    }
}
