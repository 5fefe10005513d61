import ToolAuthCore

/// What one document says of refreshing; nil where it says nothing.
struct PolicyDocument: Sendable {
    var method: RefreshPolicy.Method?
    var rotation: RefreshPolicy.Rotation?
    var replayWindow: Duration?
    var eagerness: RefreshPolicy.Eagerness?
    var aheadFraction: Double?
    var aheadMinimum: Duration?
    var aheadMaximum: Duration?
    var jitter: Double?
    var earliest: Duration?
    var assumedLifetime: Duration?
    var refreshTokenIdle: Duration?
    var concurrency: Int?
    /// Where `ahead` stands.
    var ahead: Located<String>?

    init() {}

    /// - Parameter section: a `refresh` that was held against its schema.
    init(_ section: Section) {
        method = section.choice("how")
        rotation = section.choice("rotation")
        replayWindow = section.duration("replay_window")
        eagerness = section.choice("policy")
        let ahead = section.section("ahead")
        self.ahead = ahead.map { Located(value: "ahead", position: $0.position, key: $0.key) }
        aheadFraction = ahead?.number("fraction")
        aheadMinimum = ahead?.duration("min")
        aheadMaximum = ahead?.duration("max")
        jitter = section.number("jitter")
        earliest = section.duration("earliest")
        assumedLifetime = section.duration("assume_expires_in")
        refreshTokenIdle = section.section("refresh_token")?.duration("idle")
        concurrency = section.integer("concurrency")
    }

    init(_ defaults: DaemonConfiguration.RefreshDefaults) {
        eagerness = defaults.eagerness
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
        aheadFraction = layer.aheadFraction ?? aheadFraction
        aheadMinimum = layer.aheadMinimum ?? aheadMinimum
        aheadMaximum = layer.aheadMaximum ?? aheadMaximum
        jitter = layer.jitter ?? jitter
        earliest = layer.earliest ?? earliest
        assumedLifetime = layer.assumedLifetime ?? assumedLifetime
        refreshTokenIdle = layer.refreshTokenIdle ?? refreshTokenIdle
        concurrency = layer.concurrency ?? concurrency
    }

    /// What of it cannot be; nil: nothing. Single values were checked where they stand.
    var contradiction: String? {
        guard aheadMinimum > aheadMaximum else { return nil }
        return "min (\(ScalarForms.text(aheadMinimum))) is more than max (\(ScalarForms.text(aheadMaximum)))"
    }
}
