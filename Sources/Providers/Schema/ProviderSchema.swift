/// The keys of a provider document.
enum ProviderSchema {
    static let document = MapSchema([
        SchemaKey("title", .text, "The provider's name as people know it."),
        SchemaKey("documentation", .text, "Where the provider documents what this file says."),
        .notSupported("extends", "The document this one differs from."),
        SchemaKey("issuer", .text, "The issuer (RFC 8414); a callback's `iss` must equal it."),
        SchemaKey("connection", .named(.map(connection)), "What a tool must supply: `${connection.NAME}`."),
        SchemaKey("authorization", .map(authorization), "Where the user consents; required."),
        SchemaKey("token", .map(token), "Where codes are exchanged; required."),
        SchemaKey("refresh", .map(refresh), "How tokens are refreshed; what is not given is as in `token`."),
        SchemaKey("revocation", .map(revocation), "Where tokens are revoked (RFC 7009)."),
        .notSupported("pushed", "Pushed authorization requests (RFC 9126)."),
        .notSupported("device", "Device authorization (RFC 8628)."),
    ])

    static let connection = MapSchema([
        SchemaKey("description", .text, "What it is, for whoever fills it in."),
        SchemaKey("pattern", .text, "A regular expression that the whole value must match."),
        SchemaKey("hosts", .list(.text), "The values that are allowed, where it is a host."),
        SchemaKey("default", .text, "The value where a tool gives none."),
    ])

    static let authorization = MapSchema([
        SchemaKey("endpoint", .endpoint, "URL of the consent page.", isRequired: true),
        SchemaKey("pkce", .choice(["S256", "none"]), "RFC 7636; default S256."),
        SchemaKey("scope", .map(scopeParameter), "How scopes are asked for."),
        SchemaKey("parameters", .named(.template), "Further parameters of the request."),
        SchemaKey("rename", .namedOrNull(.text), "Standard parameter → the server's name; null leaves it out."),
        SchemaKey("callback", .map(callback), "The redirect back."),
        .notSupported("pushed", "Pushed authorization requests (RFC 9126)."),
    ])

    static let scopeParameter = MapSchema([
        SchemaKey("parameter", .text, "The parameter the scopes go in; default `scope`."),
        SchemaKey("separator", .text, "What stands between scopes; default a space."),
    ])

    static let callback = MapSchema([
        SchemaKey("code", .text, "The parameter that holds the code; default `code`."),
        SchemaKey("metadata", .list(.text), "Parameters kept as metadata."),
    ])

    static let token = MapSchema(
        [SchemaKey("endpoint", .endpoint, "URL of the token endpoint.", isRequired: true)] + request)

    /// What exchange and refresh have alike.
    static let request = [
        SchemaKey(
            "client_authentication",
            .choice(
                ["client_secret_basic", "client_secret_post", "none"],
                notSupported: [
                    "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth", "client_secret_jwt",
                ]),
            "How the client proves itself; default client_secret_basic."),
        SchemaKey("body", .choice(["form", "json", "query"]), "Where parameters go; default form."),
        SchemaKey("parameters", .named(.template), "Further parameters of the request."),
        SchemaKey("headers", .named(.text), "Further headers of the request."),
        SchemaKey("rename", .namedOrNull(.text), "Standard parameter → the server's name; null leaves it out."),
        SchemaKey("response", .map(response), "Where the reply keeps what it says."),
    ]

    static let response = MapSchema([
        SchemaKey("at", .textOrEmpty, "Dotted path of the token object; default the top."),
        SchemaKey("access_token", .path, "Dotted path below `at`; default access_token."),
        SchemaKey("refresh_token", .path, "Dotted path below `at`; default refresh_token."),
        SchemaKey("token_type", .path, "Dotted path below `at`; default token_type."),
        SchemaKey("token_types", .list(.text), "Types handed out beside Bearer and DPoP."),
        SchemaKey("expiry", .map(expiry), "The access token's end; default expires_in in seconds."),
        SchemaKey(
            "refresh_expiry", .map(expiry), "The refresh token's end; default refresh_token_expires_in in seconds."),
        SchemaKey("scope", .map(scopeReply), "The scopes granted."),
        SchemaKey("metadata", .list(.path), "Dotted paths from the top whose values are kept."),
        SchemaKey("success", .list(.integer(200...299)), "Statuses of a success; default 200."),
        SchemaKey("failed_when", .map(failure), "What marks an error that comes with a 2xx."),
        SchemaKey("error", .path, "Dotted path from the top of the error's name; default error."),
        SchemaKey("grant_rejected", .list(.text), "Errors that end a grant, beside invalid_grant."),
        SchemaKey("client_rejected", .list(.text), "Errors that are the client's, beside invalid_client."),
        SchemaKey("transient", .list(.text), "Errors that pass, beside temporarily_unavailable and server_error."),
        SchemaKey("format", .choice(["json", "form", "auto"]), "How the reply is encoded; default json."),
    ])

    static let expiry = MapSchema([
        SchemaKey("from", .path, "Dotted path below `at`."),
        SchemaKey(
            "is", .choice(["seconds", "milliseconds", "epoch", "epoch_ms", "iso8601"]), "Its form; default seconds."),
    ])

    static let scopeReply = MapSchema([
        SchemaKey("from", .path, "Dotted path below `at`; default scope."),
        SchemaKey("separator", .text, "What stands between scopes; default a space."),
    ])

    static let failure = MapSchema([
        SchemaKey("path", .path, "Dotted path from the top.", isRequired: true),
        SchemaKey("equals", .scalar, "The value that marks an error.", isRequired: true),
    ])

    static let refresh = MapSchema(
        [SchemaKey("endpoint", .endpoint, "URL of the token endpoint; default that of `token`.")] + request
            + PolicySchema.keys)

    static let revocation = MapSchema([
        SchemaKey("endpoint", .endpoint, "URL of the revocation endpoint.", isRequired: true),
        SchemaKey(
            "token", .choice(["refresh_token"], notSupported: ["access_token"]),
            "The token to revoke first; default refresh_token."),
        SchemaKey("scope", .choice(["token", "grant"]), "What a revocation ends; default token."),
        SchemaKey(
            "client_authentication",
            .choice(
                ["client_secret_basic", "client_secret_post", "none"],
                notSupported: ["private_key_jwt", "tls_client_auth"]),
            "How the client proves itself; default as in `token`."),
    ])
}
