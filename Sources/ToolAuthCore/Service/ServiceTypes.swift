package struct CompletedAuthorization: Sendable {
    package let record: ToolAuthRecord
    /// Where to send the browser, `tool_id` and `result` appended; nil: nowhere was asked for.
    package let redirectTo: String?

    package init(record: ToolAuthRecord, redirectTo: String?) {
        self.record = record
        self.redirectTo = redirectTo
    }
}

/// What a reader of a token asks for.
package struct TokenQuery: Sendable, Equatable {
    /// The least remaining life wanted.
    package var minimumValidity: Duration
    /// How long to wait for a refresh where no valid token is at hand.
    package var wait: Duration

    package init(minimumValidity: Duration = .seconds(60), wait: Duration = .seconds(10)) {
        self.minimumValidity = minimumValidity
        self.wait = wait
    }
}

package struct IssuedToken: Sendable {
    package let accessToken: Secret
    package let record: ToolAuthRecord
    /// What is left of it at the instant it was read; nil: no end is known.
    package let expiresIn: Duration?
    package let warning: TokenWarning?

    package init(accessToken: Secret, record: ToolAuthRecord, expiresIn: Duration?, warning: TokenWarning?) {
        self.accessToken = accessToken
        self.record = record
        self.expiresIn = expiresIn
        self.warning = warning
    }
}

/// Something is wrong although the token is valid.
package struct TokenWarning: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case shorterThanAsked = "shorter-than-asked"
        case refreshFailed = "refresh-failed"
        case reauthorizationRequired = "reauthorization-required"
        case toolPaused = "tool-paused"
        case held
    }

    package let kind: Kind
    package let detail: String

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }
}

/// Tokens obtained elsewhere; at least one of the two is set.
package struct ImportedTokens: Sendable {
    package var accessToken: Secret?
    package var refreshToken: Secret?
    package var tokenType: String
    package var expiresAt: Timestamp?
    package var expiresIn: Duration?
    package var refreshTokenExpiresAt: Timestamp?
    package var scope: String?
    package var metadata: [String: String]

    package init(
        accessToken: Secret?, refreshToken: Secret?, tokenType: String, expiresAt: Timestamp?, expiresIn: Duration?,
        refreshTokenExpiresAt: Timestamp?, scope: String?, metadata: [String: String]
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.tokenType = tokenType
        self.expiresAt = expiresAt
        self.expiresIn = expiresIn
        self.refreshTokenExpiresAt = refreshTokenExpiresAt
        self.scope = scope
        self.metadata = metadata
    }
}

package struct ImportResult: Sendable {
    package let record: ToolAuthRecord
    /// Whether there was no grant before.
    package let created: Bool

    package init(record: ToolAuthRecord, created: Bool) {
        self.record = record
        self.created = created
    }
}

package struct ToolSummary: Sendable, Equatable {
    package enum Status: String, Sendable { case available, paused, unavailable }

    package let toolID: ToolID
    package let title: String
    package let provider: String
    package let status: Status
    /// Why it is paused or unavailable.
    package let reason: String?
    /// Only when asked for a user: whether he must connect it before a token can be had.
    package let isAuthRequired: Bool?

    package init(
        toolID: ToolID, title: String, provider: String, status: Status, reason: String?, isAuthRequired: Bool?
    ) {
        self.toolID = toolID
        self.title = title
        self.provider = provider
        self.status = status
        self.reason = reason
        self.isAuthRequired = isAuthRequired
    }
}

package struct ServiceStatus: Sendable {
    package struct Tool: Sendable {
        package let toolID: ToolID
        package let status: ToolSummary.Status
        package let reason: String?
        package let counts: StatusCounts

        package init(toolID: ToolID, status: ToolSummary.Status, reason: String?, counts: StatusCounts) {
            self.toolID = toolID
            self.status = status
            self.reason = reason
            self.counts = counts
        }
    }

    package struct Endpoint: Sendable {
        package let endpoint: EndpointID
        /// Whether attempts are let through now.
        package let isOpen: Bool
        /// When a provider's Retry-After ends, or the circuit breaker tries next; nil: neither holds it.
        package let heldUntil: Timestamp?
        /// Whether the circuit breaker is open: the provider fails, and only probes go out.
        package let isBroken: Bool
        package let inFlight: Int
        /// Wanted and not yet under way.
        package let queued: Int

        package init(
            endpoint: EndpointID, isOpen: Bool, heldUntil: Timestamp?, isBroken: Bool = false, inFlight: Int,
            queued: Int = 0
        ) {
            self.endpoint = endpoint
            self.isOpen = isOpen
            self.heldUntil = heldUntil
            self.isBroken = isBroken
            self.inFlight = inFlight
            self.queued = queued
        }
    }

    package var version: String
    package var startedAt: Timestamp
    package var uptime: Duration
    package var tools: [Tool]
    /// The earliest due time of all; nil: nothing is scheduled.
    package var nextDueAt: Timestamp?
    /// How far the oldest due record is behind its time; zero when none is.
    package var lag: Duration
    package var endpoints: [Endpoint]
    /// Why refreshing is held; nil: it is not.
    package var held: String?
    /// Refreshes whose end could not be stored yet; their tokens are in memory alone.
    package var heldResults: Int = 0
    /// Why the store does not take what is written; nil: it does.
    package var storeProblem: String?
    /// Things an administrator should know, a sentence each: a key beside its data, a file that did not load.
    package var warnings: [String]

    package init(
        version: String, startedAt: Timestamp, uptime: Duration, tools: [Tool], nextDueAt: Timestamp?, lag: Duration,
        endpoints: [Endpoint], held: String?, warnings: [String]
    ) {
        self.version = version
        self.startedAt = startedAt
        self.uptime = uptime
        self.tools = tools
        self.nextDueAt = nextDueAt
        self.lag = lag
        self.endpoints = endpoints
        self.held = held
        self.warnings = warnings
    }
}

package enum ServiceHealth: Sendable, Equatable {
    case ok
    /// Requests are served, but something is wrong.
    case degraded(String)
    /// The store cannot be read.
    case failed(String)
}
