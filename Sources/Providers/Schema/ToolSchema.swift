/// The keys of a tool document.
enum ToolSchema {
    static let document = MapSchema([
        SchemaKey(
            "provider", .either(.text, ProviderSchema.document), "A provider's name, or its document.", isRequired: true
        ),
        SchemaKey("title", .text, "The tool's name as people know it; default its id."),
        SchemaKey("client_id", .text, "The client's id at the provider.", isRequired: true),
        SchemaKey(
            "client_secret", .oneOrMore(.either(.text, secret)), "Where the secret is; a list while rotating it."),
        SchemaKey("scopes", .list(.text), "Scopes asked for when a caller names none."),
        SchemaKey("optional_scopes", .list(.text), "Further scopes a caller may ask for."),
        SchemaKey("extra_parameters", .list(.text), "Names a caller may pass to authorize."),
        SchemaKey(
            "redirect_uris", .list(.text),
            "Where the provider sends users back; the first is the default. Required unless the provider needs no user."
        ),
        SchemaKey("frontend_redirects", .list(.text), "Where a user may be sent afterwards; `*` ends a path."),
        SchemaKey("connection", .named(.text), "Values of the provider's `connection`."),
        SchemaKey("refresh", .map(refresh), "Overrides of the provider's `refresh`."),
        SchemaKey("tls", .map(tls), "TLS of requests to the provider."),
        SchemaKey("proxy", .text, "URL of the proxy to the provider."),
        SchemaKey(
            "allow_http_loopback", .boolean, "Plain http to 127.0.0.1, ::1 and localhost, for tests; default false."),
        SchemaKey("allow_private_addresses", .boolean, "Private and link-local addresses; default false."),
    ])

    static let secret = MapSchema([
        SchemaKey("credential", .text, "Name of a systemd credential."),
        SchemaKey("file", .text, "Path, relative to the configuration directory."),
        SchemaKey("env", .text, "Name of an environment variable; only with allow_inline_secrets."),
    ])

    static let refresh = MapSchema(PolicySchema.keys + PolicySchema.eagerness)

    static let tls = MapSchema([
        SchemaKey("ca_file", .text, "PEM file of the authorities to trust instead of the system's.")
    ])
}
