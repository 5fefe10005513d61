/// Where grants and pending authorizations live, durably.
///
/// Every method that returns has its effect on disk; a crash at any later instant does not undo it. Writes of many
/// callers share transactions (group commit), so none of these methods says how many fsyncs it costs. All throw
/// ``StoreError`` and nothing else.
package protocol TokenStore: ResealingStore {
    // MARK: Reading grants

    /// The grant with its tokens opened; nil if there is none. Tokens that no present key opens come back nil, with
    /// status `needsReauthorization(.undecryptable)`, which is computed and never stored.
    func load(_ key: ToolAuthKey) async throws(StoreError) -> ToolAuth?

    /// The grant as ``load(_:)`` would return it, but for its refresh token, which is left out; nil: it is not known
    /// without waiting.
    func recentlyLoaded(_ key: ToolAuthKey) -> ToolAuth?

    /// The grant without its tokens; nothing is opened, so `undecryptable` is not noticed.
    func record(_ key: ToolAuthKey) async throws(StoreError) -> ToolAuthRecord?

    /// A page of grants in the order (tool, user).
    func records(_ query: RecordQuery) async throws(StoreError) -> RecordPage

    /// How many grants each tool has in each status.
    func counts() async throws(StoreError) -> [ToolID: StatusCounts]

    // MARK: What is due

    /// What is due at `now` of each tool named, at most so many grants of it, and what comes after. The cost follows what
    /// is asked for, whatever is stored: read from an index alone.
    func scan(_ limits: [ToolID: Int], now: Timestamp) async throws(StoreError) -> [ToolID: DueScan]

    /// How many grants of the tools named are due at `now`.
    func dueCount(of tools: [ToolID], now: Timestamp) async throws(StoreError) -> Int

    /// When the first access token ends of each tool named, of those grants that are refreshed. The cost grows with how
    /// many there are: read for metrics, from an index alone.
    func nextExpiries(of tools: [ToolID]) async throws(StoreError) -> [ToolID: Timestamp]

    /// Grants whose attempt was begun and never ended, as after a crash.
    func openAttempts() async throws(StoreError) -> [ToolAuthKey]

    /// Goes through the grants of a tool in the order of their users, a page at a time, each page in one transaction, and
    /// stores those that `change` changed. Grants with an attempt under way are passed over; tokens, generation and
    /// attempt stay as they are.
    ///
    /// - Parameters:
    ///   - after: The last user of the page before; nil: from the first.
    ///   - change: Returns whether it changed the record. May be called again for the same record.
    func revise(
        _ toolID: ToolID, after: UserID?, limit: Int, _ change: @escaping @Sendable (inout ToolAuthRecord) -> Bool
    ) async throws(StoreError) -> RevisedPage

    /// Changes one grant outside of any attempt, if it is there and none is under way; else as ``revise(_:after:limit:_:)``.
    ///
    /// - Returns: the grant as it then is; nil: there is none.
    func revise(
        _ key: ToolAuthKey, _ change: @escaping @Sendable (inout ToolAuthRecord) -> Bool
    ) async throws(StoreError) -> ToolAuthRecord?

    // MARK: Refreshing

    /// Writes down that an attempt begins, and returns the grant it is about; nil if the grant is gone.
    func claim(_ key: ToolAuthKey, _ attempt: Attempt) async throws(StoreError) -> ToolAuth?

    /// Stores the end of an attempt if the grant is still at `generation` and `attempt` is still the one under way.
    /// Afterwards none is, whatever `toolAuth.record.attempt` says.
    ///
    /// - Parameters:
    ///   - attempt: The id that ``claim(_:_:)`` wrote down. One that was claimed over is late, and superseded. nil: a
    ///     change outside of any attempt, superseded while one is under way.
    ///   - tokensChanged: Draws a new generation and seals the tokens; else tokens and generation stay, and whose they are.
    func commit(
        _ toolAuth: ToolAuth, ending attempt: String?, ifGeneration generation: Int64, tokensChanged: Bool
    ) async throws(StoreError) -> CommitResult

    // MARK: Tools

    /// What is remembered of each tool, whether or not it is still configured.
    func toolStates() async throws(StoreError) -> [ToolID: ToolState]

    /// Stops or lets go on the refreshes of a tool; nil: it is not paused.
    func setPause(_ toolID: ToolID, _ pause: ToolPause?) async throws(StoreError)

    /// Remembers by which plan the due times of the tool's grants were made.
    func setPlan(_ toolID: ToolID, _ plan: String) async throws(StoreError)

    /// Whose tokens the grants of each tool are: how many there are of each client and origin.
    func bindings() async throws(StoreError) -> [ToolID: [TokenBinding: Int]]

    /// Makes the tokens that a tool's grants got from `origin` count as got from `successor`, as an administrator says.
    func moveTokens(of toolID: ToolID, from origin: String, to successor: String) async throws(StoreError)

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

    // MARK: Ownership

    /// Why nothing may be refreshed from this store until an administrator says so: it was made on another machine, or
    /// restored from a backup, so that its original may go on refreshing the same grants. nil: it may.
    var hold: StoreHold? { get }

    /// Ends the hold, durably: this machine's store it is from now on.
    func resume() async throws(StoreError)

    /// The latest instant at which anything was stored, as of opening; nil: never. Later than now, the wall clock was
    /// ahead then.
    var lastWriteAt: Timestamp? { get }

    /// The clock by which what is stored was written, as last noted before opening; nil: not known.
    var lastBoot: BootReference? { get }

    /// Notes by which clock everything stored is written.
    func noteBoot(_ boot: BootReference) async throws(StoreError)

    // MARK: Backup

    /// Makes a copy of all that is committed, while reads and writes go on. It holds what is sealed as it is sealed, and
    /// never a key.
    ///
    /// - Throws: `io` where there is no room for it, `inUse` where too many are being read.
    func backup() async throws(StoreError) -> any StoreBackup

    // MARK: Keys

    /// The master keys, and how many rows each has sealed. The cost grows with what is stored.
    func masterKeys() async throws(StoreError) -> MasterKeys

    /// Makes a new master key, durably, which seals from now on; the others go on opening what they sealed.
    ///
    /// - Throws: `inUse` while the keys are being changed already; `key`, `notAccessible` or `io` if the key file is not
    ///   what it was or cannot be written: then nothing changes.
    func addMasterKey() async throws(StoreError) -> AddedKey

    /// Takes a master key away that no row needs any more.
    ///
    /// - Throws: as ``addMasterKey()``. What was begun is then completed by asking again.
    func retireMasterKey(_ id: String) async throws(StoreError) -> RetiredKey

    // MARK: Health

    /// Reads a little; throws if reads do not work.
    func probe() async throws(StoreError)

    /// Writes nothing, but returns only when the writes asked for before it had their turn: never where one hangs.
    ///
    /// - Throws: if the store is closed.
    func probeWrites() async throws(StoreError)

    /// Finishes the writes under way and closes the files.
    func close() async throws(StoreError)
}

extension TokenStore {
    package func recentlyLoaded(_ key: ToolAuthKey) -> ToolAuth? { nil }

    /// A store whose server has backups of its own makes none here.
    package func backup() async throws(StoreError) -> any StoreBackup {
        throw StoreError(.misuse, "This store is backed up by its own means.")
    }

    package var isResealingUnfinished: Bool { false }

    package func masterKeys() async throws(StoreError) -> MasterKeys { throw .noMasterKeys }
    package func addMasterKey() async throws(StoreError) -> AddedKey { throw .noMasterKeys }
    package func retireMasterKey(_ id: String) async throws(StoreError) -> RetiredKey { throw .noMasterKeys }
    package func beginResealing() async throws(StoreError) -> ResealingGoal { throw .noMasterKeys }
    package func reseal(from position: ResealingPosition?, limit: Int) async throws(StoreError) -> ResealedPage {
        throw .noMasterKeys
    }
    package func endResealing(to keyID: String) async throws(StoreError) -> Bool { throw .noMasterKeys }
}

extension StoreError {
    fileprivate static let noMasterKeys = StoreError(.misuse, "This store seals nothing with keys of its own.")
}
