/// `GET /v1/status`.
public struct StatusBody: Codable, Sendable, Equatable {
    public var version: String
    public var startedAt: String
    /// Whole seconds.
    public var uptimeSeconds: Int64
    public var tools: [ToolStatusBody]
    /// The earliest due refresh; null: nothing is scheduled.
    public var nextDueAt: String?
    /// How far the oldest due record is behind its time.
    public var lagSeconds: Double
    public var endpoints: [EndpointStatusBody]
    /// Why refreshing is held; null: it is not.
    public var held: String?
    public var warnings: [String]

    package init(
        version: String, startedAt: String, uptimeSeconds: Int64, tools: [ToolStatusBody], nextDueAt: String?,
        lagSeconds: Double, endpoints: [EndpointStatusBody], held: String?, warnings: [String]
    ) {
        self.version = version
        self.startedAt = startedAt
        self.uptimeSeconds = uptimeSeconds
        self.tools = tools
        self.nextDueAt = nextDueAt
        self.lagSeconds = lagSeconds
        self.endpoints = endpoints
        self.held = held
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
        case warnings
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
        try container.encode(warnings, forKey: .warnings)
    }
}

public struct ToolStatusBody: Codable, Sendable, Equatable {
    public var toolID: String
    public var status: String
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

public struct EndpointStatusBody: Codable, Sendable, Equatable {
    /// Client and token endpoint.
    public var endpoint: String
    public var open: Bool
    public var heldUntil: String?
    public var inflight: Int

    package init(endpoint: String, open: Bool, heldUntil: String?, inflight: Int) {
        self.endpoint = endpoint
        self.open = open
        self.heldUntil = heldUntil
        self.inflight = inflight
    }

    private enum CodingKeys: String, CodingKey {
        case endpoint
        case open
        case heldUntil = "held_until"
        case inflight
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
