/// Parameters of an authorization request that belong to the protocol: no caller sets them by name.
package enum StandardParameters {
    /// RFC 6749, 7636, 8707, 9101, 9126, 9396, 9449 and OpenID Connect Core; those that name or prove a client, too.
    package static let names: Set<String> = [
        "response_type", "response_mode", "client_id", "client_secret", "client_assertion", "client_assertion_type",
        "redirect_uri", "scope", "state", "code", "code_challenge", "code_challenge_method", "code_verifier",
        "grant_type", "nonce", "request", "request_uri", "registration", "resource", "authorization_details",
        "dpop_jkt", "login_hint", "prompt",
    ]

    /// All names that `endpoint` uses for them.
    static func names(at endpoint: AuthorizationEndpoint) -> Set<String> {
        names.union([endpoint.scopeParameter]).union(endpoint.rename.values.compactMap { $0 })
    }
}
