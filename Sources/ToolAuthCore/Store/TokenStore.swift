/// Where grants and pending authorizations live, durably.
///
/// Every method that returns has its effect on disk; a crash at any later instant does not undo it. Writes of many
/// callers share transactions (group commit), so none of these methods says how many fsyncs it costs. All throw
/// ``StoreError`` and nothing else.
package protocol TokenStore: Sendable {
    // MARK: Reading grants

    /// The grant with its tokens opened; nil if there is none. Tokens that no present key opens come back nil, with
    /// status `needsReauthorization(.undecryptable)`, which is computed and never stored.
    func load(_ key: ToolAuthKey) async throws(StoreError) -> ToolAuth?

    /// The grant without its tokens; nothing is opened, so `undecryptable` is not noticed.
    func record(_ key: ToolAuthKey) async throws(StoreError) -> ToolAuthRecord?

    /// A page of grants in the order (tool, user).
    func records(_ query: RecordQuery) async throws(StoreError) -> RecordPage

    /// How many grants each tool has in each status.
    func counts() async throws(StoreError) -> [ToolID: StatusCounts]

    // MARK: What is due

    /// Grants of `endpoint` due at `now`, earliest first, at most `limit`; read from the index alone.
    func due(at endpoint: EndpointID, now: Timestamp, limit: Int) async throws(StoreError) -> [DueRecord]

    /// The earliest due time at each of `endpoints`; absent where nothing is scheduled.
    func nextDue(at endpoints: [EndpointID]) async throws(StoreError) -> [EndpointID: Timestamp]

    /// Grants whose attempt was begun and never ended, as after a crash.
    func openAttempts() async throws(StoreError) -> [ToolAuthKey]

    /// Makes the records of each tool count at its endpoint from now on; nil takes them out of the schedule (paused,
    /// unavailable), without forgetting when they are due. Tools not named are taken out too. Cheap when nothing
    /// changed.
    func assignEndpoints(_ endpoints: [ToolID: EndpointID]) async throws(StoreError)

    // MARK: Refreshing

    /// Writes down that an attempt begins, and returns the grant it is about; nil if the grant is gone.
    func claim(_ key: ToolAuthKey, _ attempt: Attempt) async throws(StoreError) -> ToolAuth?

    /// Stores the end of an attempt if the grant is still at `generation` and `attempt` is still the one under way.
    /// Afterwards none is, whatever `toolAuth.record.attempt` says.
    ///
    /// - Parameters:
    ///   - attempt: The id that ``claim(_:_:)`` wrote down. One that was claimed over is late, and superseded. nil: a
    ///     change outside of any attempt, superseded while one is under way.
    ///   - tokensChanged: Draws a new generation and seals the tokens; else tokens and generation stay.
    func commit(
        _ toolAuth: ToolAuth, ending attempt: String?, ifGeneration generation: Int64, tokensChanged: Bool
    ) async throws(StoreError) -> CommitResult

    // MARK: Connecting, importing, deleting

    /// Inserts or replaces the grant of `toolAuth.key` under a new generation, keeping `createdAt` of an older one. An
    /// attempt under way for the older one loses.
    func put(_ toolAuth: ToolAuth, _ precondition: Precondition) async throws(StoreError) -> PutResult

    /// Forgets the grant durably.
    ///
    /// - Parameter revocationDeadline: queue its tokens, sealed, for revocation until then, in the same transaction;
    ///   nil: leave them alone.
    func delete(
        _ key: ToolAuthKey, _ precondition: Precondition, revocationDeadline: Timestamp?, now: Timestamp
    ) async throws(StoreError) -> DeleteResult

    // MARK: Pending authorizations

    /// Stores a flow. More than `perRecord` pending flows of its key drop the oldest.
    ///
    /// - Returns: false, and stores nothing, if there are `inAll` already.
    func begin(
        _ pending: PendingAuthorization, perRecord: Int, inAll: Int
    ) async throws(StoreError) -> Bool

    /// Uses up a state, durably, and returns the flow it belongs to, if it is still pending at `now`.
    func consume(state: Secret, now: Timestamp) async throws(StoreError) -> Consumption

    /// Records how a consumed flow ended; kept until `keepUntil` for those who ask.
    func finish(
        authorization id: String, _ status: AuthorizationStatus, error: String?, keepUntil: Timestamp
    ) async throws(StoreError)

    /// nil if there is no such flow, or no longer.
    func authorization(_ id: String, now: Timestamp) async throws(StoreError) -> AuthorizationSummary?

    /// - Returns: false if there was no such flow.
    func cancel(authorization id: String) async throws(StoreError) -> Bool

    /// Drops flows that ended or expired and are past keeping.
    func purgeAuthorizations(now: Timestamp, keepExpiredFor: Duration) async throws(StoreError)

    // MARK: Revocations

    /// Queues tokens for revocation, sealed, without touching any grant.
    func enqueueRevocation(_ toolAuth: ToolAuth, deadline: Timestamp, now: Timestamp) async throws(StoreError)

    /// Revocations due at `now`, oldest first.
    func dueRevocations(now: Timestamp, limit: Int) async throws(StoreError) -> [QueuedRevocation]

    /// The earliest time a revocation is due; nil: none is queued.
    func nextRevocation() async throws(StoreError) -> Timestamp?

    /// Puts a revocation off after a failed attempt.
    func postponeRevocation(_ id: Int64, until: Timestamp) async throws(StoreError)

    /// Takes a revocation off the queue: done, or given up.
    func removeRevocation(_ id: Int64) async throws(StoreError)

    // MARK: Health

    /// Reads a little; throws if reads do not work.
    func probe() async throws(StoreError)

    /// Finishes the writes under way and closes the files.
    func close() async throws(StoreError)
}
