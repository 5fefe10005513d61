import OAuth
import Refresh
import Telemetry
import ToolAuthCore

/// The use cases over store, engine and tools. One file for each.
struct LiveToolAuthService: ToolAuthService {
    /// Pending flows of one user and tool; the oldest goes when there are more.
    static let pendingPerRecord = 5
    /// Pending flows in all; beyond, new ones are refused.
    static let pendingInAll = 10_000
    /// How long the outcome of a flow is kept for those who ask.
    static let outcomeRetention: Duration = .seconds(600)
    /// How long a revocation is tried.
    static let revocationPatience: Duration = .seconds(86_400)

    let store: any TokenStore
    let engine: RefreshEngine
    let tools: ToolRegistry
    let revocations: RevocationWorker
    let clock: any WallClock
    let events: any EventSink
    let numbers: RefreshMetrics
    let uniform: @Sendable () -> Double
    let facts: DaemonFacts
    let configuration: ConfigurationInForce
    let changes: ChangeQueue
    let rotation: KeyRotation
    let reloadConfiguration: @Sendable () async throws(ToolAuthError) -> ReloadReport
}

/// What `status` says of the daemon itself.
struct DaemonFacts: Sendable {
    let version: String
    let startedAt: Timestamp
    /// Things an administrator should know of this run, a sentence each.
    let warnings: [String]
    /// Where this process keeps its secrets.
    var secrets: SecretMemory = .shared
}

extension LiveToolAuthService {
    /// A usable tool.
    ///
    /// - Throws: `unknown-tool`, or `tool-unavailable` with the reason.
    func client(of toolID: ToolID) throws(ToolAuthError) -> Tool.Client {
        let tool = try tools.tool(toolID)
        guard let client = tool.client else {
            throw tool.obstacle?.error ?? ToolAuthError(.toolUnavailable, "The tool \(toolID) is unavailable.")
        }
        return client
    }

    /// Translates what the store throws.
    func stored<Value: Sendable>(
        _ operation: () async throws(StoreError) -> Value
    ) async throws(ToolAuthError) -> Value {
        do throws(StoreError) {
            return try await operation()
        } catch {
            events.notice(.storeErred("what a client asked for", error))
            throw .storeUnavailable(error)
        }
    }

    /// The record as it is to be seen under the configuration of this moment: tokens of another client are not the
    /// tool's own, whatever is stored (computed, so that putting the configuration back heals it). Where the client gets
    /// them by itself, it gets the next as the one that it is by now.
    func seen(_ stored: ToolAuthRecord, _ client: Tool.Client?) -> ToolAuthRecord {
        // Where somebody set the clock, the instants of this boot have moved along.
        let record = stored.adjusted(to: clock.boot)
        guard let client, !client.policy.needsNoUser, record.status.reason == nil,
            !bytesEqual(record.clientID, client.clientID)
        else { return record }
        var seen = record
        seen.status = .needsReauthorization(.configurationChanged)
        return seen
    }

    /// Why the record's token cannot be refreshed: the store is held, its tool cannot, or now names another server than the
    /// one that issued the tokens, to which they are never sent.
    func obstacle(to record: ToolAuthRecord, _ tool: Tool) -> ToolObstacle? {
        if let hold = store.hold { return ToolObstacle(hold) }
        if let obstacle = tool.obstacle { return obstacle }
        guard let client = tool.client, !client.policy.needsNoUser, let origin = client.tokenOrigin,
            !bytesEqual(record.tokenOrigin, origin)
        else { return nil }
        return ToolObstacle(
            isPaused: true,
            detail:
                "The tokens came from \(record.tokenOrigin), and the tool now names \(origin) (endpoint_changed)."
        )
    }

    func notConnected(_ key: ToolAuthKey) -> ToolAuthError {
        ToolAuthError(.notConnected, "\(key.userID) has not connected \(key.toolID).")
    }

    func emit(
        _ kind: ToolAuthEvent.Kind, _ record: ToolAuthRecord, file: String = #fileID, function: String = #function,
        line: UInt = #line
    ) {
        events.emit(
            ToolAuthEvent(kind, at: clock.now, record: record, file: file, function: function, line: line))
    }
}
