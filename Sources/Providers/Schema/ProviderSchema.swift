/// The keys of a provider document.
enum ProviderSchema {
    static let document = MapSchema(keys, mayExtend: true)

    private static let keys: [SchemaKey] = [
        SchemaKey("title", .text, "The provider's name as people know it."),
        SchemaKey("documentation", .text, "Where the provider documents what this file says."),
        SchemaKey("console", .text, "Where a client is registered."),
        SchemaKey("notes", .list(.text), "What whoever makes a tool of it must know, a sentence each."),
        SchemaKey("example_scopes", .list(.text), "Scopes that a first tool might ask for."),
        SchemaKey(
            "extends", .text,
            "The document this one differs from: maps are merged, lists replaced, what is null is taken out."),
        SchemaKey(
            "issuer", .endpoint,
            "The issuer (RFC 8414): a callback's `iss` must equal it, and endpoints not given here are asked of it."),
        SchemaKey(
            "connection", .named(.map(connection)),
            "What a tool, or the caller of authorize, must supply: `${connection.NAME}`."),
        SchemaKey(
            "authorization", .map(authorization),
            "Where the user consents; required without an issuer, unless `refresh.how` is reacquire."),
        SchemaKey("token", .map(token), "Where codes are exchanged; required without an issuer."),
        SchemaKey(
            "upgrade", .map(upgrade),
            "Where the token of an exchange is exchanged at once for one that lives longer; what is not given is as in `token`, parameters, grant_type and rename aside."
        ),
        SchemaKey(
            "refresh", .map(refresh),
            "How tokens are refreshed; what is not given is as in `upgrade`, else as in `token`; parameters and grant_type are never taken over, rename not where there is an `upgrade`."
        ),
        SchemaKey("revocation", .map(revocation), "Where tokens are revoked (RFC 7009)."),
        .notSupported("pushed", "Pushed authorization requests (RFC 9126)."),
        .notSupported("device", "Device authorization (RFC 8628)."),
    ]

    static let connection = MapSchema([
        SchemaKey("description", .text, "What it is, for whoever fills it in."),
        SchemaKey("pattern", .text, "A regular expression that the whole value must match."),
        SchemaKey(
            "hosts", .list(.text), "The hosts that are allowed as its value, or as that of `${metadata.NAME}`."),
        SchemaKey("default", .text, "The value where neither tool nor caller gives one."),
    ])

    static let authorization = MapSchema([
        SchemaKey(
            "endpoint", .oneOrMore(.endpoint),
            "URL of the consent page, or a list: the first whose templates all have values."),
        SchemaKey("pkce", .choice(["S256", "none"]), "RFC 7636; default S256."),
        SchemaKey("scope", .map(scopeParameter), "How scopes are asked for."),
        SchemaKey("parameters", .named(.template), "Further parameters of the request."),
        SchemaKey(
            "rename", .namedOrNull(.text),
            "Standard parameter → the server's name; null leaves it out, and with `nonce` the check of it too."),
        SchemaKey("callback", .map(callback), "The redirect back."),
        .notSupported("pushed", "Pushed authorization requests (RFC 9126)."),
    ])

    static let scopeParameter = MapSchema([
        SchemaKey("parameter", .text, "The parameter the scopes go in; default `scope`."),
        SchemaKey("separator", .text, "What stands between scopes; default a space."),
        SchemaKey(
            "always", .list(.text),
            "Scopes asked for whatever the tool names, such as one that a refresh token takes."),
    ])

    static let callback = MapSchema([
        SchemaKey("code", .text, "The parameter that holds the code; default `code`."),
        SchemaKey("metadata", .list(.text), "Parameters kept as metadata."),
    ])

    static let token = MapSchema([tokenEndpoint] + request)

    static let upgrade = MapSchema([tokenEndpoint] + request)

    private static let tokenEndpoint = SchemaKey(
        "endpoint", .oneOrMore(.endpoint),
        "URL of the token endpoint, or a list: the first whose templates all have values.")

    /// What exchange, upgrade and refresh have alike.
    static let request = [
        SchemaKey(
            "method", .choice(["post", "get"]), "With get all parameters go in the query; default post."),
        SchemaKey("grant_type", .text, "The value of grant_type where it is not the standard's."),
        SchemaKey(
            "client_authentication",
            authentication,
            "How the client proves itself; default what the issuer offers, else client_secret_basic."),
        SchemaKey("body", .choice(["form", "json", "query"]), "Where parameters go; default form."),
        SchemaKey("parameters", .named(.template), "Further parameters of the request."),
        SchemaKey("headers", .named(.text), "Further headers of the request."),
        SchemaKey("rename", .namedOrNull(.text), "Standard parameter → the server's name; null leaves it out."),
        SchemaKey("response", .map(response), "Where the reply keeps what it says."),
    ]

    static let authentication = ValueKind.choice(
        ["client_secret_basic", "client_secret_post", "client_secret_as_user", "none"],
        notSupported: ["private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth", "client_secret_jwt"])

    static let response = MapSchema([
        SchemaKey(
            "at", .oneOrMore(.textOrEmpty),
            "Dotted path of the token object, or a list: the first that leads to one; default the top."),
        SchemaKey("access_token", .path, "Dotted path below `at`; default access_token."),
        SchemaKey("refresh_token", .path, "Dotted path below `at`; default refresh_token."),
        SchemaKey("token_type", .path, "Dotted path below `at`; default token_type."),
        SchemaKey("token_types", .list(.text), "Types handed out beside Bearer."),
        SchemaKey("expiry", .map(expiry), "The access token's end; default expires_in in seconds."),
        SchemaKey(
            "refresh_expiry", .map(expiry), "The refresh token's end; default refresh_token_expires_in in seconds."),
        SchemaKey("scope", .map(scopeReply), "The scopes granted."),
        SchemaKey("metadata", .list(.path), "Dotted paths from the top whose values are kept."),
        SchemaKey("success", .list(.integer(200...299)), "Statuses of a success; default 200."),
        SchemaKey("failed_when", .map(failure), "What marks an error that comes with a 2xx."),
        SchemaKey(
            "error", .oneOrMore(.path),
            "Dotted path from the top of the error's name, or a list: the first that holds a known name, else the first that is there; default error."
        ),
        SchemaKey("grant_rejected", .list(.text), "Errors that end a grant, beside invalid_grant."),
        SchemaKey("client_rejected", .list(.text), "Errors that are the client's, beside invalid_client."),
        SchemaKey(
            "client_rejected_status", .list(.integer(200...499)),
            "Statuses with which the names in `client_rejected` count; default any."),
        SchemaKey("transient", .list(.text), "Errors that pass, beside temporarily_unavailable and server_error."),
        SchemaKey(
            "transient_status", .list(.integer(400...499)),
            "Statuses that pass by themselves, beside 408, 425, 429 and 5xx."),
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
        [SchemaKey("endpoint", .oneOrMore(.endpoint), "As in `token`; default that of `token`.")] + request
            + PolicySchema.keys)

    static let revocation = MapSchema([
        SchemaKey(
            "endpoint", .oneOrMore(.endpoint),
            "URL of the revocation endpoint, or a list: the first whose templates all have values."),
        SchemaKey(
            "token", .choice(["refresh_token", "access_token"]), "The token to revoke first; default refresh_token."),
        SchemaKey("scope", .choice(["token", "grant"]), "What a revocation ends; default token."),
        SchemaKey("body", .choice(["form", "json"]), "Where parameters go; default form."),
        SchemaKey(
            "client_authentication", authentication, "How the client proves itself; default as in `token`."),
    ])
}
