package import ToolAuthCore

/// Tells the server that a token is no longer needed (RFC 7009 §2.1).
package enum RevocationRequest {
    package enum TokenKind: String, Sendable {
        case refreshToken = "refresh_token"
        case accessToken = "access_token"
    }

    /// - Parameter clientSecret: nil for a public client.
    /// - Throws: ``TokenRequest/Impossible`` where the endpoint is none.
    package static func build(
        _ token: Secret, _ kind: TokenKind, of record: ToolAuthRecord, at endpoint: RevocationEndpoint,
        _ configuration: OAuth2Configuration, clientSecret: Secret?, _ context: RequestContext
    ) throws(TokenRequest.Impossible) -> TokenRequest {
        let values = TemplateValues(record, configuration, context)
        let address: Endpoint
        do throws(UnfitEndpoint) {
            address = try configuration.endpoint(
                endpoint.url, values, discovered: context.server?.revocationEndpoint)
        } catch {
            throw TokenRequest.Impossible(detail: "the revocation endpoint \(error.detail)")
        }
        var parameters = ParameterList(rename: [:])
        var headers: [HTTPRequest.Header] = []
        parameters.addStandard("token", token)
        parameters.addStandard("token_type_hint", kind.rawValue)
        let method =
            endpoint.clientAuthentication ?? configuration.token.clientAuthentication
            ?? context.server?.revocationAuthentication ?? .clientSecretBasic
        ClientAuthentication.apply(
            method, clientID: configuration.clientID, secret: clientSecret, to: &parameters, &headers)
        var request = HTTPRequest(method: .post, url: address.text, options: configuration.transport)
        request.put(parameters.pairs, as: endpoint.body)
        request.headers += headers
        request.addHeaders([:])
        return TokenRequest(
            http: request, origin: address.url.origin, secrets: [token, clientSecret].compactMap { $0 })
    }
}
