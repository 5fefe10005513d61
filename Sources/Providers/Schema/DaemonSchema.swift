/// The keys of `toolauthd.yaml`.
enum DaemonSchema {
    static let document = MapSchema([
        SchemaKey("store", .text, "`sqlite://` and the absolute path of the database."),
        SchemaKey("socket", .map(socket), "The API's socket, where systemd passes none."),
        SchemaKey("keys", .map(keys), "The master keys, where there is no credential named toolauthd.key."),
        .notSupported("callback", "The listener for browsers."),
        .notSupported("metrics", "The listener for scrapers."),
        SchemaKey("authorization", .map(authorization), "Flows on their way."),
        SchemaKey("refresh", .map(refresh), "Defaults for all tools."),
        .notSupported("retention", "When dead records are dropped."),
        SchemaKey("tls", .map(ToolSchema.tls), "Default for all tools."),
        SchemaKey("proxy", .text, "Default for all tools."),
        SchemaKey("allow_inline_secrets", .boolean, "Whether tool files may hold client secrets; default false."),
        SchemaKey("log", .map(log), "The journal."),
        SchemaKey("limits", .map(limits), "What clients may take."),
        .notSupported("clients", "Which clients may do what."),
    ])

    static let socket = MapSchema([
        SchemaKey("path", .text, "Absolute path; default /run/toolauthd/api.sock."),
        SchemaKey("mode", .text, "Octal; default 0660."),
        SchemaKey("group", .text, "Group of the socket; default the daemon's."),
    ])

    static let keys = MapSchema([
        SchemaKey("file", .text, "Absolute path; default master.key beside the store.")
    ])

    static let authorization = MapSchema([
        SchemaKey(
            "state_lifetime", .duration(.seconds(1)...(.seconds(3600))), "How long a user has to consent; default 10m.")
    ])

    static let refresh = MapSchema(
        [
            SchemaKey("ahead", .map(PolicySchema.ahead), "How long before its end a token is refreshed."),
            SchemaKey(
                "jitter", PolicySchema.jitter, "The share of a lifetime over which refreshes are spread; default 0.1."),
        ] + PolicySchema.eagerness)

    static let log = MapSchema([
        SchemaKey("level", .choice(DaemonConfiguration.LogLevel.allCases.map(\.rawValue)), "Default info.")
    ])

    static let limits = MapSchema([
        SchemaKey("connections", .integer(1...65_536), "How many at once; default 4096."),
        .notSupported("connections_per_peer", "How many at once for one peer."),
        .notSupported("requests_per_second_per_peer", "How many requests for one peer."),
        SchemaKey("body", .size(1024...(1 << 20)), "The longest request body; default 64KiB."),
    ])
}
