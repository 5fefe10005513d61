import ToolAuthCore

/// What one document says of refreshing; nil where it says nothing.
struct PolicyDocument: Sendable {
    var method: RefreshPolicy.Method?
    var rotation: RefreshPolicy.Rotation?
    var replayWindow: Duration?
    var eagerness: RefreshPolicy.Eagerness?
    var idleAfter: Duration?
    var aheadFraction: Double?
    var aheadMinimum: Duration?
    var aheadMaximum: Duration?
    var jitter: Double?
    var earliest: Duration?
    var atLeast: Duration?
    var assumedLifetime: Duration?
    var refreshTokenLifetime: Duration?
    var refreshTokenIdle: Duration?
    var refreshTokenAbsolute: Duration?
    var concurrency: Int?
    /// One statement, which layers take over whole.
    var rate: RefreshPolicy.Rate?
    /// Where its keys stand, for what only shows when the layers are merged.
    var places: [String: Located<String>] = [:]

    init() {}

    /// - Parameter section: a `refresh` that was held against its schema.
    init(_ section: Section) {
        method = section.choice("how")
        rotation = section.choice("rotation")
        replayWindow = section.duration("replay_window")
        eagerness = section.choice("policy")
        idleAfter = section.duration("idle_after")
        let ahead = section.section("ahead")
        aheadFraction = ahead?.number("fraction")
        aheadMinimum = ahead?.duration("min")
        aheadMaximum = ahead?.duration("max")
        jitter = section.number("jitter")
        earliest = section.duration("earliest")
        atLeast = section.duration("at_least")
        assumedLifetime = section.duration("assume_expires_in")
        let refreshToken = section.section("refresh_token")
        refreshTokenLifetime = refreshToken?.duration("lifetime")
        refreshTokenIdle = refreshToken?.duration("idle")
        refreshTokenAbsolute = refreshToken?.duration("absolute")
        concurrency = section.integer("concurrency")
        rate = section.section("rate").flatMap { RefreshPolicy.Rate($0) }
        for entry in section.value.entries ?? [] { places[entry.key] = section.name(entry.key) }
    }

    init(_ defaults: DaemonConfiguration.RefreshDefaults) {
        eagerness = defaults.eagerness
        idleAfter = defaults.idleAfter
        aheadFraction = defaults.aheadFraction
        aheadMinimum = defaults.aheadMinimum
        aheadMaximum = defaults.aheadMaximum
        jitter = defaults.jitter
    }
}

extension RefreshPolicy {
    /// The built-in policy with what `layers` say, the last one that says something winning.
    init(layers: [PolicyDocument]) {
        self.init()
        for layer in layers { take(layer) }
    }

    private mutating func take(_ layer: PolicyDocument) {
        method = layer.method ?? method
        rotation = layer.rotation ?? rotation
        replayWindow = layer.replayWindow ?? replayWindow
        eagerness = layer.eagerness ?? eagerness
        idleAfter = layer.idleAfter ?? idleAfter
        aheadFraction = layer.aheadFraction ?? aheadFraction
        aheadMinimum = layer.aheadMinimum ?? aheadMinimum
        aheadMaximum = layer.aheadMaximum ?? aheadMaximum
        jitter = layer.jitter ?? jitter
        earliest = layer.earliest ?? earliest
        atLeast = layer.atLeast ?? atLeast
        assumedLifetime = layer.assumedLifetime ?? assumedLifetime
        refreshTokenLifetime = layer.refreshTokenLifetime ?? refreshTokenLifetime
        refreshTokenIdle = layer.refreshTokenIdle ?? refreshTokenIdle
        refreshTokenAbsolute = layer.refreshTokenAbsolute ?? refreshTokenAbsolute
        concurrency = layer.concurrency ?? concurrency
        rate = layer.rate ?? rate
    }
}

extension RefreshPolicy.Rate {
    /// - Returns: nil for one that does not say how many and within what; the check has told so.
    fileprivate init?(_ section: Section) {
        guard let requests = section.integer("requests"), let per = section.duration("per") else { return nil }
        // Counted together, the most cautious reading of a provider that does not say whose requests it counts.
        self.init(requests: requests, per: per, scope: section.choice("by") ?? .client)
    }
}
