/// Which grants a list shows, and from where.
package struct RecordQuery: Sendable {
    package var toolID: ToolID?
    package var userID: UserID?
    /// `healthy`, `degraded` or `needs_reauthorization`.
    package var status: String?
    package var after: ToolAuthKey?
    package var limit: Int

    package init(
        toolID: ToolID? = nil, userID: UserID? = nil, status: String? = nil, after: ToolAuthKey? = nil, limit: Int = 100
    ) {
        self.toolID = toolID
        self.userID = userID
        self.status = status
        self.after = after
        self.limit = limit
    }
}

package struct RecordPage: Sendable {
    package let records: [ToolAuthRecord]
    /// Whether more follow the last of `records`.
    package let hasMore: Bool

    package init(records: [ToolAuthRecord], hasMore: Bool) {
        self.records = records
        self.hasMore = hasMore
    }
}

package struct StatusCounts: Sendable, Equatable {
    package var healthy = 0
    package var degraded = 0
    package var needsReauthorization = 0
    package var total: Int { healthy + degraded + needsReauthorization }

    package init(healthy: Int = 0, degraded: Int = 0, needsReauthorization: Int = 0) {
        self.healthy = healthy
        self.degraded = degraded
        self.needsReauthorization = needsReauthorization
    }
}

package struct DueRecord: Sendable, Equatable {
    package let key: ToolAuthKey
    package let dueAt: Timestamp
    package let expiresAt: Timestamp?

    package init(key: ToolAuthKey, dueAt: Timestamp, expiresAt: Timestamp?) {
        self.key = key
        self.dueAt = dueAt
        self.expiresAt = expiresAt
    }
}

/// What ``TokenStore/scan(_:now:)`` found of one tool.
package struct DueScan: Sendable, Equatable {
    /// Due, earliest first, and of those due at once the one first whose access token ends first.
    package let due: [DueRecord]
    /// When the first of the others is due: later than now, unless there are more due than were asked for.
    package let nextDueAt: Timestamp?
    /// How many grants have a due time at all; counted up to ``countLimit``.
    package let scheduled: Int

    package static let countLimit = 3

    package init(due: [DueRecord], nextDueAt: Timestamp?, scheduled: Int) {
        self.due = due
        self.nextDueAt = nextDueAt
        self.scheduled = scheduled
    }
}

/// What ``TokenStore/revise(_:after:limit:_:)`` did.
package struct RevisedPage: Sendable, Equatable {
    /// Where to go on; nil: that was the last page.
    package let last: UserID?
    /// How many grants were changed.
    package let changed: Int
    /// The earliest due time among those changed.
    package let nextDueAt: Timestamp?

    package init(last: UserID?, changed: Int, nextDueAt: Timestamp?) {
        self.last = last
        self.changed = changed
        self.nextDueAt = nextDueAt
    }
}

/// What the store remembers of a tool.
package struct ToolState: Sendable, Equatable {
    package var pause: ToolPause?
    /// See ``TokenStore/setPlan(_:_:)``.
    package var plan: String?

    package init(pause: ToolPause? = nil, plan: String? = nil) {
        self.pause = pause
        self.plan = plan
    }
}

/// The client that obtained tokens, and the origin that issued them.
package struct TokenBinding: Sendable, Hashable {
    package let clientID: String
    package let tokenOrigin: String

    package init(clientID: String, tokenOrigin: String) {
        self.clientID = clientID
        self.tokenOrigin = tokenOrigin
    }

    package static func == (lhs: Self, rhs: Self) -> Bool {
        bytesEqual(lhs.clientID, rhs.clientID) && bytesEqual(lhs.tokenOrigin, rhs.tokenOrigin)
    }

    package func hash(into hasher: inout Hasher) {
        hashBytes(of: clientID, into: &hasher)
        hashBytes(of: tokenOrigin, into: &hasher)
    }
}

/// Why a whole store is held; see ``TokenStore/hold``.
package enum StoreHold: String, Sendable {
    case foreignMachine = "foreign_machine"
    case restored
}

package enum CommitResult: Sendable {
    /// Stored; the grant as it now is, generation included.
    case stored(ToolAuth)
    /// The grant moved on (re-authorized, imported) or is gone (nil): nothing was written.
    case superseded(ToolAuth?)
}

/// A condition on what is stored, as `If-Match` and `If-None-Match: *` say it.
package enum Precondition: Sendable, Equatable {
    case none
    case absent
    case generation(Int64)
}

package enum PutResult: Sendable {
    case created(ToolAuthRecord)
    /// `former` is what it replaced.
    case replaced(ToolAuthRecord, former: ToolAuthRecord)
    /// The precondition did not hold; nothing was written.
    case mismatch(ToolAuthRecord?)
}

package enum DeleteResult: Sendable {
    case deleted(ToolAuthRecord)
    case notFound
    case mismatch(ToolAuthRecord)
}

package enum Consumption: Sendable {
    case pending(PendingAuthorization)
    case unknown
    case used
    case expired
}

package struct QueuedRevocation: Sendable {
    package let id: Int64
    package let toolAuth: ToolAuth
    package let attempts: Int
    package let deadline: Timestamp

    package init(id: Int64, toolAuth: ToolAuth, attempts: Int, deadline: Timestamp) {
        self.id = id
        self.toolAuth = toolAuth
        self.attempts = attempts
        self.deadline = deadline
    }
}
