import Refresh
import TestSupport
import ToolAuthCore

/// Plays a machine by hand: an event at a time, at instants of the test's choice, with an eye on what it wants done.
final class MachineDriver {
    let tools: SomeTools
    private(set) var machine: RefreshMachine
    var now = start
    var boot: BootReference?
    /// What the last event made it want.
    private(set) var actions: [EngineAction] = []
    /// What the timer is armed for; nil: nothing.
    private(set) var armed: Timestamp?
    private let connects: Bool
    private let sharesEndpoint: Bool

    /// - Parameters:
    ///   - connects: whether the tools can try a connection without sending anything.
    ///   - sharesEndpoint: whether the grants of a tool are refreshed at one server.
    init(
        _ names: [String] = ["mail"], connects: Bool = false, sharesEndpoint: Bool = true,
        _ change: (inout RefreshPolicy) -> Void = { _ in }
    ) {
        self.connects = connects
        self.sharesEndpoint = sharesEndpoint
        tools = SomeTools([])
        machine = RefreshMachine(tools: tools, uniform: { 0.5 }, newAttemptID: { "attempt" })
        for name in names { set(name, change) }
    }

    /// Configures a tool, or changes it.
    func set(_ name: String, path: String = "token", _ change: (inout RefreshPolicy) -> Void = { _ in }) {
        let connect: @Sendable () async -> AttemptFailure? = { nil }
        let authentication = ScriptedAuthentication(toolID: toolID(name), clock: ManualWallClock(start)) {
            reply(at: start)
        }
        tools.set(
            RefreshableTool(
                authentication: authentication, policy: policy(change),
                endpoint: EndpointID(tokenEndpoint: "https://\(name).test/\(path)", clientID: "client"),
                clientID: "client", tokenOrigin: "https://provider.test:443",
                sharesEndpoint: sharesEndpoint, revokesSingleTokens: true, connect: connects ? connect : nil))
    }

    var moment: Moment { Moment(now, boot: boot) }

    @discardableResult
    func tell(_ event: (inout RefreshMachine, Moment) -> [EngineAction]) -> [EngineAction] {
        actions = event(&machine, moment)
        for action in actions {
            if case .arm(let instant) = action { armed = instant }
        }
        return actions
    }

    // MARK: Events

    func launch(
        openAttempts: [ToolAuthKey] = [], states: [ToolID: ToolState] = [:], lastWriteAt: Timestamp? = nil,
        lastBoot: BootReference? = nil, hold: StoreHold? = nil
    ) {
        tell {
            $0.start(
                openAttempts: openAttempts, states: states, lastWriteAt: lastWriteAt, lastBoot: lastBoot, hold: hold,
                at: $1)
        }
    }

    func reconfigure() {
        tell { $0.reconfigure([:], at: $1) }
    }

    func wake(after elapsed: Duration = .zero) {
        now = now + elapsed
        armed = nil
        tell { $0.wake(at: $1) }
    }

    /// The scan that was asked for finds these, all due now, and what comes next.
    func scanned(_ due: [ToolAuthKey] = [], nextDueAt: Timestamp? = nil, tool: String = "mail") {
        let records = due.map { DueRecord(key: $0, dueAt: now, expiresAt: nil) }
        let scan = DueScan(due: records, nextDueAt: nextDueAt, scheduled: DueScan.countLimit)
        tell { $0.scanned(.success([toolID(tool): scan]), at: $1) }
    }

    /// Started, and these are being claimed.
    func begin(_ due: [ToolAuthKey]) {
        launch()
        scanned(due)
    }

    func request(_ key: ToolAuthKey, _ reason: RefreshReason = .forced(generation: 1)) -> RefreshResult? {
        var answer: RefreshResult?
        tell { machine, moment in
            let (admission, actions) = machine.request(key, reason, at: moment)
            if case .answered(let result) = admission { answer = result }
            return actions
        }
        return answer
    }

    /// The grant was claimed, and is due.
    func claimed(_ toolAuth: ToolAuth) {
        var due = toolAuth
        if due.record.dueAt == nil { due.record.refreshAt = start }
        claimed(toolAuth.key, .success(due))
    }

    func claimed(_ key: ToolAuthKey, _ result: Result<ToolAuth?, StoreError>) {
        tell { $0.claimed(key, result, at: $1) }
    }

    func ended(_ key: ToolAuthKey, _ outcome: RefreshOutcome, after duration: Duration = .zero) {
        tell { $0.ended(key, outcome, after: duration, at: $1) }
    }

    /// The store took the end of an attempt, as it was asked to.
    func stored(_ pending: PendingCommit) {
        var toolAuth = pending.settlement.toolAuth
        if pending.settlement.tokensChanged { toolAuth.record.generation += 1 }
        let stored = toolAuth
        tell { $0.committed(pending.key, .success(.stored(stored)), at: $1) }
    }

    func refused(_ pending: PendingCommit, _ error: StoreError) {
        tell { $0.committed(pending.key, .failure(error), at: $1) }
    }

    // MARK: What it wants

    var claims: [ToolAuthKey] {
        actions.compactMap { if case .claim(let key, _) = $0 { key } else { nil } }
    }
    var sends: [ToolAuthKey] {
        actions.compactMap { if case .send(let toolAuth) = $0 { toolAuth.key } else { nil } }
    }
    var commits: [PendingCommit] {
        actions.compactMap { if case .commit(let pending) = $0 { pending } else { nil } }
    }
    var scans: [[ToolID: Int]] {
        actions.compactMap { if case .scan(let limits) = $0 { limits } else { nil } }
    }
    var notices: [EngineNotice] {
        actions.compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
    }
    var revoked: [ToolAuth] {
        actions.compactMap { if case .revoke(let toolAuth) = $0 { toolAuth } else { nil } }
    }
    var revisions: [Replanning] {
        actions.compactMap { if case .revise(_, _, let change, _) = $0 { change } else { nil } }
    }
    var pauses: [ToolPause?] {
        actions.compactMap { if case .setPause(_, let pause) = $0 { .some(pause) } else { nil } }
    }
    var events: [ToolAuthEvent.Kind] {
        actions.compactMap { if case .emit(let event) = $0 { event.kind } else { nil } }
    }
    var notedBoots: [BootReference] {
        actions.compactMap { if case .noteBoot(let boot) = $0 { boot } else { nil } }
    }
    var triesStore: Bool { actions.contains { if case .tryStore = $0 { true } else { false } } }
    var connections: Int { actions.count { if case .connect = $0 { true } else { false } } }

    func answer(for key: ToolAuthKey) -> RefreshResult? {
        actions.lazy.compactMap { action in
            if case .answer(key, let result) = action { result } else { nil }
        }.first
    }
}

extension RefreshResult {
    /// Its case, without what it carries.
    var name: String { "\(self)".prefix { $0 != "(" }.description }
}
