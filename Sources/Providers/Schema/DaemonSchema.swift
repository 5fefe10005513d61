/// The keys of `toolauthd.yaml`.
enum DaemonSchema {
    static let document = MapSchema([
        SchemaKey("store", .text, "`sqlite://` and the absolute path of the database."),
        SchemaKey("socket", .map(socket), "The API's socket, where systemd passes none."),
        SchemaKey("keys", .map(keys), "The master keys, where there is no credential named toolauthd.key."),
        SchemaKey(
            "callback", .map(callback), "The listener for browsers that come back from a provider; off unless set."),
        SchemaKey("metrics", .map(metrics), "The listener for scrapers; off unless set."),
        SchemaKey("authorization", .map(authorization), "Flows on their way."),
        SchemaKey("refresh", .map(refresh), "Defaults for all tools."),
        .notSupported("retention", "When dead records are dropped."),
        SchemaKey("tls", .map(ToolSchema.tls), "Default for all tools."),
        SchemaKey("proxy", .text, "Default for all tools."),
        SchemaKey("allow_inline_secrets", .boolean, "Whether tool files may hold client secrets; default false."),
        SchemaKey("log", .map(log), "The journal."),
        SchemaKey("limits", .map(limits), "What clients may take."),
        SchemaKey("clients", .list(.map(client)), "Which clients may do what; the first that matches decides."),
    ])

    static let socket = MapSchema([
        SchemaKey("path", .text, "Absolute path; default /run/toolauthd/api.sock."),
        SchemaKey("mode", .text, "Octal; default 0660."),
        SchemaKey("group", .text, "Group of the socket; default the daemon's."),
    ])

    static let keys = MapSchema([
        SchemaKey("file", .text, "Absolute path; default master.key beside the store.")
    ])

    static let callback = MapSchema([
        SchemaKey(
            "listen", .text, "IP address and port, such as 127.0.0.1:8790 or [::1]:8790.", isRequired: true),
        SchemaKey(
            "allow_non_loopback", .boolean, "Whether the address may be one that others reach; default false."),
    ])

    static let metrics = MapSchema([
        SchemaKey("listen", .text, "Loopback address and port, such as 127.0.0.1:9464.", isRequired: true)
    ])

    static let client = MapSchema([
        SchemaKey("name", .text, "For the journal and for whoever is refused.", isRequired: true),
        SchemaKey("match", .map(match), "Whom the rule is for: all that is given must hold.", isRequired: true),
        SchemaKey("allow", .map(allow), "What they may do.", isRequired: true),
    ])

    static let match = MapSchema([
        SchemaKey("unit", .text, "A system unit, such as assistants.service."),
        SchemaKey("user", .text, "A user by name."),
        SchemaKey("group", .text, "A group by name, of which the client is a member."),
        SchemaKey("uid", .integer(0...0xffff_fffe), "A user by number."),
    ])

    static let allow = MapSchema([
        SchemaKey(
            "actions", .list(.choice(ClientDocument.Action.allCases.map(\.rawValue))), "The kinds of requests.",
            isRequired: true),
        SchemaKey("tools", .list(.text), "Patterns of tool ids, with * and ?; =id is one literally.", isRequired: true),
        SchemaKey("users", .list(.text), "Patterns of user ids, with * and ?; =id is one literally.", isRequired: true),
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
        SchemaKey(
            "connections_per_peer", .integer(0...65_536),
            "How many at once for one peer, which is a rule and a uid; default 0, no limit."),
        SchemaKey(
            "requests_per_second_per_peer", .integer(0...1_000_000),
            "How many requests for one peer; default 0, no limit."),
        SchemaKey("body", .size(1024...(1 << 20)), "The longest request body; default 64KiB."),
    ])
}
