package import ToolAuthCore

/// Tells the server that a token is no longer needed (RFC 7009 §2.1).
package enum RevocationRequest {
    package enum TokenKind: String, Sendable {
        case refreshToken = "refresh_token"
        case accessToken = "access_token"
    }

    /// - Parameter clientSecret: nil for a public client.
    /// - Throws: ``TokenRequest/Impossible`` where the endpoint is no URL.
    package static func build(
        _ token: Secret, _ kind: TokenKind, at endpoint: RevocationEndpoint, _ configuration: OAuth2Configuration,
        clientSecret: Secret?
    ) throws(TokenRequest.Impossible) -> TokenRequest {
        do throws(InvalidURL) { _ = try EndpointURL(endpoint.url) } catch {
            throw TokenRequest.Impossible(detail: "the revocation endpoint \(error.detail)")
        }
        var parameters = ParameterList(rename: [:])
        var headers: [HTTPRequest.Header] = []
        parameters.addStandard("token", token)
        parameters.addStandard("token_type_hint", kind.rawValue)
        ClientAuthentication.apply(
            endpoint.clientAuthentication, clientID: configuration.clientID, secret: clientSecret, to: &parameters,
            &headers)
        var request = HTTPRequest(method: .post, url: endpoint.url, options: configuration.transport)
        request.put(parameters.pairs, as: .form)
        request.headers += headers
        request.addHeaders([:])
        return TokenRequest(http: request, secrets: [token, clientSecret].compactMap { $0 })
    }
}
