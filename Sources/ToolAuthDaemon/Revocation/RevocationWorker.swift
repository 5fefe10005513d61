import Logging
import Refresh
import Telemetry
import ToolAuthCore

/// Tells providers of grants that were deleted here, in the background, until they took it or a day has passed.
actor RevocationWorker {
    /// The first retry comes within this.
    static let backoff = Backoff(base: .seconds(10), ceiling: .seconds(3600), floor: .seconds(5))
    static let batch = 16
    /// When to look again after the store could not be read.
    static let storeRetryInterval: Duration = .seconds(30)

    private let store: any TokenStore
    private let tools: ToolRegistry
    private let clock: any WallClock
    private let timer: any WakeTimer
    private let events: any EventSink
    private let uniform: @Sendable () -> Double
    private let logger: Logger
    private var isWorking = false
    private var workAgain = false
    private var isStopped = false

    init(
        store: any TokenStore, tools: ToolRegistry, clock: any WallClock, timer: any WakeTimer,
        events: any EventSink, uniform: @escaping @Sendable () -> Double, logger: Logger
    ) {
        self.store = store
        self.tools = tools
        self.clock = clock
        self.timer = timer
        self.events = events
        self.uniform = uniform
        self.logger = logger
    }

    /// Begins what is due, if nothing is under way; returns at once.
    func wake() {
        if isWorking {
            workAgain = true
        } else {
            isWorking = true
            Task { await work() }
        }
    }

    /// Begins nothing more; what is queued stays in the store for the next start.
    func stop() {
        isStopped = true
        timer.arm(at: nil)
    }

    private func work() async {
        defer { isWorking = false }
        repeat {
            workAgain = false
            do throws(StoreError) {
                try await workOnce()
            } catch {
                events.notice(.storeErred("queued revocations", error))
                arm(at: clock.now + Self.storeRetryInterval)
            }
        } while workAgain && !isStopped
    }

    private func workOnce() async throws(StoreError) {
        // What it would revoke may be in use by the store's original. Resuming wakes.
        if store.hold != nil { return }
        while !isStopped {
            let due = try await store.dueRevocations(now: clock.now, limit: Self.batch)
            if due.isEmpty { break }
            for revocation in due where !isStopped { try await attempt(revocation) }
        }
        arm(at: try await store.nextRevocation())
    }

    private func attempt(_ revocation: QueuedRevocation) async throws(StoreError) {
        let record = revocation.toolAuth.record
        do {
            // Where the origin is known only once the issuer was asked, or is each grant's own, the authentication compares.
            guard let tool = tools.refreshable(record.toolID), bytesEqual(tool.clientID, record.clientID),
                tool.tokenOrigin.map({ bytesEqual($0, record.tokenOrigin) }) ?? true
            else {
                throw AttemptFailure(
                    code: "tool_unavailable", detail: "The tool is not configured as it was when the grant was made.")
            }
            try await tool.authentication.revoke(revocation.toolAuth)
            try await store.removeRevocation(revocation.id)
            logger.tell(.revoked(record.key))
        } catch let error as StoreError {
            throw error
        } catch {
            let failure =
                error as? AttemptFailure ?? AttemptFailure(code: "revocation", detail: "The provider refused.")
            let now = clock.now
            let backoff = Self.backoff.wait(failures: revocation.attempts + 1, uniform: uniform())
            let wait = max(failure.retryAfter ?? .zero, backoff)
            if now + wait < revocation.deadline {
                try await store.postponeRevocation(revocation.id, until: now + wait)
                return
            }
            try await store.removeRevocation(revocation.id)
            var event = ToolAuthEvent(.revocationFailed, at: now, record: record)
            event.failure = failure
            events.emit(event)
        }
    }

    private func arm(at instant: Timestamp?) {
        guard !isStopped else { return }
        timer.arm(at: instant)
    }
}
