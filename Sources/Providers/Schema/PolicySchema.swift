import ToolAuthCore

/// The keys that say when and how tokens are refreshed: a provider's habits, which a tool may override.
enum PolicySchema {
    static let longest = Duration.seconds(3650 * 86_400)
    static let any = ValueKind.duration(.milliseconds(1)...longest)
    static let anyOrZero = ValueKind.duration(.zero...longest)

    static let keys = [
        SchemaKey(
            "how", .choice(["refresh_token", "reacquire", "exchange_access_token", "none"]),
            "How a new token is had: with the refresh token, by the client itself without a user, for the access token there is, or not at all; default refresh_token."
        ),
        SchemaKey(
            "rotation", .choice(["none", "rotating", "single_use"]),
            "What becomes of a used refresh token: it stays, goes on beside the new one, or is dead; default none."),
        SchemaKey("replay_window", anyOrZero, "How long a used refresh token answers after a lost reply; default 0s."),
        SchemaKey("assume_expires_in", any, "The lifetime of a token that came without one."),
        SchemaKey(
            "at_least", .duration(.seconds(10)...longest),
            "A token is refreshed at least this often, whatever its expiry; default off."),
        SchemaKey("refresh_token", .map(refreshToken), "The refresh token's own life."),
        SchemaKey("ahead", .map(ahead), "How long before its end a token is refreshed."),
        SchemaKey("jitter", jitter, "The share of a lifetime over which refreshes are spread; default 0.1."),
        SchemaKey("earliest", any, "The provider refuses a refresh sooner than this before expiry."),
        SchemaKey(
            "rate", .map(rate),
            "How many requests the provider allows; a tool's takes the place of its provider's whole; default any number."
        ),
        SchemaKey(
            "concurrency", .integer(RefreshPolicy.concurrencyRange),
            "How many attempts may be under way at once; default 16."),
    ]

    static let jitter = ValueKind.number(.from(0, upTo: 1))

    static let ahead = MapSchema([
        SchemaKey("fraction", .number(.above(0, upTo: 1)), "The share of the lifetime; default 0.25."),
        SchemaKey("min", anyOrZero, "At least; default 60s."),
        SchemaKey("max", any, "At most; default 7d."),
    ])

    static let refreshToken = MapSchema([
        SchemaKey(
            "lifetime", any, "How long a refresh token lives from when it was issued; default as its reply says."),
        SchemaKey("idle", any, "A refresh token not used for so long dies; default never."),
        SchemaKey(
            "absolute", any, "How long a grant lives from the user's consent, whatever is done; default for ever."),
    ])

    static let rate = MapSchema([
        SchemaKey("requests", .integer(1...1_000_000), "How many.", isRequired: true),
        SchemaKey("per", any, "Within what span.", isRequired: true),
        SchemaKey(
            "by", .choice(["record", "client"]),
            "Whose are counted: each grant's by itself, or all of the client's together; default client."),
    ])

    /// Whom to refresh; not a provider's to say, but the administrator's.
    static let eagerness = [
        SchemaKey(
            "policy", .choice(["eager", "active", "on_demand"]),
            "Whom to refresh ahead of time: everybody, who fetched a token lately, or nobody; default eager."),
        SchemaKey(
            "idle_after", any,
            "With `policy: active`, a token not fetched for so long is no longer refreshed ahead; default 7d."),
    ]
}
