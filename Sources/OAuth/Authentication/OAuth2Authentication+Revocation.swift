package import ToolAuthCore

extension OAuth2Authentication {
    package func revoke(_ toolAuth: ToolAuth) async throws {
        guard let endpoint = configuration.revocation else { return }
        let server: ServerMetadata?
        do throws(DiscoveryFailure) {
            server = try await discovered(
                given: configuration.givenConnection(toolAuth.record),
                isNeeded: endpoint.url.isDiscovered || configuration.source.url.isDiscovered)
        } catch {
            throw AttemptFailure(code: "discovery", detail: Self.sentence(error, toolID))
        }
        try checkBinding(toolAuth.record, context(server))
        // An issuer may have none.
        if endpoint.url.isDiscovered, server?.revocationEndpoint == nil { return }
        for (token, kind) in tokens(of: toolAuth, first: endpoint.first) {
            let isRevoked = try await revoke(token, kind, of: toolAuth.record, at: endpoint, context(server))
            if isRevoked && endpoint.scope == .grant { return }
        }
    }

    /// Tokens are posted only where the client is theirs and the token endpoint is where they came from, as for refreshes:
    /// a tool that names another server since must not hand them to it.
    private func checkBinding(_ record: ToolAuthRecord, _ context: RequestContext) throws(AttemptFailure) {
        let values = TemplateValues(record, configuration, context)
        let source: Endpoint
        do throws(UnfitEndpoint) {
            source = try configuration.endpoint(
                configuration.source.url, values, discovered: context.server?.tokenEndpoint)
        } catch {
            throw AttemptFailure(code: "invalid_configuration", detail: "the token endpoint \(error.detail)")
        }
        guard bytesEqual(source.url.origin, record.tokenOrigin), bytesEqual(configuration.clientID, record.clientID)
        else {
            throw AttemptFailure(
                code: "tool_unavailable", detail: "The tool is not configured as it was when the grant was made.")
        }
    }

    private func tokens(
        of toolAuth: ToolAuth, first: RevocationRequest.TokenKind
    ) -> [(Secret, RevocationRequest.TokenKind)] {
        let refresh = toolAuth.refreshToken.map { ($0, RevocationRequest.TokenKind.refreshToken) }
        let access = toolAuth.accessToken.map { ($0, RevocationRequest.TokenKind.accessToken) }
        let ordered = first == .refreshToken ? [refresh, access] : [access, refresh]
        return ordered.compactMap(\.self).filter { !$0.0.isEmpty }
    }

    /// - Returns: false where the server cannot revoke tokens of this kind, which is tolerated.
    private func revoke(
        _ token: Secret, _ kind: RevocationRequest.TokenKind, of record: ToolAuthRecord,
        at endpoint: RevocationEndpoint,
        _ context: RequestContext
    ) async throws(AttemptFailure) -> Bool {
        var rejected: AttemptFailure?
        for secret in secrets {
            let request: TokenRequest
            do throws(TokenRequest.Impossible) {
                request = try RevocationRequest.build(
                    token, kind, of: record, at: endpoint, configuration, clientSecret: secret, context)
            } catch {
                throw AttemptFailure(code: "invalid_configuration", detail: error.detail)
            }
            let result = await transport.send(request.http)
            switch RevocationClassification.outcome(
                of: result, configuration.token.response, secrets: request.secrets, now: clock.now)
            {
            case .done: return true
            case .unsupportedKind: return false
            case .failed(let failure): throw failure
            case .clientRejected(let failure): rejected = failure
            }
        }
        throw rejected ?? AttemptFailure(code: "invalid_configuration", detail: "there is no client secret")
    }
}
