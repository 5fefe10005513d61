/// `GET /v1/status`.
public struct StatusBody: Codable, Sendable, Equatable {
    public var version: String
    /// RFC 3339.
    public var startedAt: String
    /// Whole seconds.
    public var uptimeSeconds: Int64
    public var tools: [ToolStatusBody]
    /// The earliest due refresh, RFC 3339; null: nothing is scheduled.
    public var nextDueAt: String?
    /// How far the oldest due record is behind its time.
    public var lagSeconds: Double
    public var endpoints: [EndpointStatusBody]
    /// Why refreshing is held; null: it is not.
    public var held: String?
    /// Refreshes whose end the store has not taken yet; their tokens are in memory alone.
    public var heldResults: Int
    /// Why the store takes nothing that is written; null: it does.
    public var storeProblem: String?
    /// What an administrator should know, a sentence each.
    public var warnings: [String]

    package init(
        version: String, startedAt: String, uptimeSeconds: Int64, tools: [ToolStatusBody], nextDueAt: String?,
        lagSeconds: Double, endpoints: [EndpointStatusBody], held: String?, heldResults: Int, storeProblem: String?,
        warnings: [String]
    ) {
        self.version = version
        self.startedAt = startedAt
        self.uptimeSeconds = uptimeSeconds
        self.tools = tools
        self.nextDueAt = nextDueAt
        self.lagSeconds = lagSeconds
        self.endpoints = endpoints
        self.held = held
        self.heldResults = heldResults
        self.storeProblem = storeProblem
        self.warnings = warnings
    }

    private enum CodingKeys: String, CodingKey {
        case version
        case startedAt = "started_at"
        case uptimeSeconds = "uptime_seconds"
        case tools
        case nextDueAt = "next_due_at"
        case lagSeconds = "lag_seconds"
        case endpoints
        case held
        case heldResults = "held_results"
        case storeProblem = "store_problem"
        case warnings
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        version = try container.decode(String.self, forKey: .version)
        startedAt = try container.decode(String.self, forKey: .startedAt)
        uptimeSeconds = try container.decode(Int64.self, forKey: .uptimeSeconds)
        tools = try container.decode([ToolStatusBody].self, forKey: .tools)
        nextDueAt = try container.decodeIfPresent(String.self, forKey: .nextDueAt)
        lagSeconds = try container.decode(Double.self, forKey: .lagSeconds)
        endpoints = try container.decode([EndpointStatusBody].self, forKey: .endpoints)
        held = try container.decodeIfPresent(String.self, forKey: .held)
        // A daemon that was not restarted since the client was renewed does not say.
        heldResults = try container.decodeIfPresent(Int.self, forKey: .heldResults) ?? 0
        storeProblem = try container.decodeIfPresent(String.self, forKey: .storeProblem)
        warnings = try container.decode([String].self, forKey: .warnings)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(startedAt, forKey: .startedAt)
        try container.encode(uptimeSeconds, forKey: .uptimeSeconds)
        try container.encode(tools, forKey: .tools)
        try container.encode(nextDueAt, forKey: .nextDueAt)
        try container.encode(lagSeconds, forKey: .lagSeconds)
        try container.encode(endpoints, forKey: .endpoints)
        try container.encode(held, forKey: .held)
        try container.encode(heldResults, forKey: .heldResults)
        try container.encode(storeProblem, forKey: .storeProblem)
        try container.encode(warnings, forKey: .warnings)
    }
}

/// A tool, and how many grants of it there are.
public struct ToolStatusBody: Codable, Sendable, Equatable {
    public var toolID: String
    /// `available`, `paused` or `unavailable`.
    public var status: String
    /// Why it is paused or unavailable, a sentence.
    public var reason: String?
    /// Records by status: `healthy`, `degraded`, `needs_reauthorization`.
    public var records: [String: Int]

    package init(toolID: String, status: String, reason: String?, records: [String: Int]) {
        self.toolID = toolID
        self.status = status
        self.reason = reason
        self.records = records
    }

    private enum CodingKeys: String, CodingKey {
        case toolID = "tool_id"
        case status
        case reason
        case records
    }
}

/// A token endpoint, as one client asks it.
public struct EndpointStatusBody: Codable, Sendable, Equatable {
    /// Client and token endpoint.
    public var endpoint: String
    /// Whether attempts are let through now.
    public var open: Bool
    /// When a provider's Retry-After ends, or the circuit breaker tries next; RFC 3339.
    public var heldUntil: String?
    /// Whether the circuit breaker is open: the provider fails, and only probes go out.
    public var broken: Bool
    /// Attempts under way.
    public var inflight: Int
    /// Wanted and not yet under way.
    public var queued: Int

    package init(endpoint: String, open: Bool, heldUntil: String?, broken: Bool, inflight: Int, queued: Int) {
        self.endpoint = endpoint
        self.open = open
        self.heldUntil = heldUntil
        self.broken = broken
        self.inflight = inflight
        self.queued = queued
    }

    private enum CodingKeys: String, CodingKey {
        case endpoint
        case open
        case heldUntil = "held_until"
        case broken
        case inflight
        case queued
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        endpoint = try container.decode(String.self, forKey: .endpoint)
        open = try container.decode(Bool.self, forKey: .open)
        heldUntil = try container.decodeIfPresent(String.self, forKey: .heldUntil)
        broken = try container.decodeIfPresent(Bool.self, forKey: .broken) ?? false
        inflight = try container.decode(Int.self, forKey: .inflight)
        queued = try container.decodeIfPresent(Int.self, forKey: .queued) ?? 0
    }
}

/// `GET /healthz`.
public struct HealthBody: Codable, Sendable, Equatable {
    /// `ok`, `degraded` or `failed`.
    public var status: String
    public var detail: String?

    package init(status: String, detail: String?) {
        self.status = status
        self.detail = detail
    }
}
