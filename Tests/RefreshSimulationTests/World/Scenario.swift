import ToolAuthCore

@testable import Refresh

/// One run: providers, users and misfortunes drawn from a seed, then a calm in which everything must come right.
final class Scenario {
    let world: World
    let store: SimulatedStore
    let tools = SimulatedTools()
    let oracle = Oracle()
    let daemon: SimulatedDaemon
    private var providers: [SimulatedProvider] = []
    private var users: [ToolAuthKey] = []
    private var pausedByAdministrator: Set<ToolID> = []
    private var isCalm = false
    /// Few runs have many users, since those take long.
    private let isCrowded: Bool
    private let horizon: Int64
    private var random: SeededRandom { world.random }

    init(seed: UInt64, sabotage: SimulatedStore.Sabotage? = nil) {
        world = World(seed: seed)
        store = SimulatedStore(sabotage: sabotage)
        let random = world.random
        isCrowded = random.chance(0.005)
        horizon = Int64(isCrowded ? 20 : random.int(20...90)) * 60_000
        var byTool: [ToolID: SimulatedProvider] = [:]
        for index in 0..<random.int(1...3) {
            let provider = Self.provider(index, isCrowded: isCrowded, random)
            providers.append(provider)
            byTool[provider.tool] = provider
            let endpoint = EndpointID(tokenEndpoint: "https://provider.test/\(index)", clientID: "client")
            tools.set(provider.tool, provider.policy, endpoint: endpoint, canConnect: random.chance(0.7))
        }
        daemon = SimulatedDaemon(world, store, tools, oracle, byTool)
        daemon.lossRate = random.chance(0.5) ? 0 : 0.01
    }

    private static func provider(_ index: Int, isCrowded: Bool, _ random: SeededRandom) -> SimulatedProvider {
        var policy = RefreshPolicy()
        policy.rotation = random.pick([.none, .rotating, .singleUse, .singleUse])
        if policy.rotation == .singleUse {
            policy.replayWindow = random.pick([.zero, .seconds(30), .seconds(600), .seconds(1800)])
        }
        if random.chance(0.2) { policy.aheadFraction = random.pick([0.1, 0.5]) }
        if random.chance(0.1) { policy.eagerness = random.pick([.active, .onDemand]) }
        if random.chance(0.1) { policy.rate = RefreshPolicy.Rate(requests: 20, per: .seconds(60), scope: .client) }
        if random.chance(0.1) { policy.atLeast = .seconds(400) }
        // Thousands of tokens that live minutes would be more than a provider of such latency bears.
        let lifetime =
            isCrowded
            ? .seconds(3600) : random.pick([Duration.seconds(150), .seconds(600), .seconds(1800), .seconds(3600)])
        return SimulatedProvider(tool: toolID("tool\(index)"), policy: policy, lifetime: lifetime)
    }

    // MARK: The run

    /// - Returns: what went wrong; nothing, if all is well.
    func run() -> [String] {
        for provider in providers {
            let count = isCrowded ? random.int(500...2000) : random.int(1...8)
            for index in 0..<count { connect(ToolAuthKey(provider.tool, userID("user-\(index)")), provider) }
        }
        daemon.start()
        plan()
        var steps = 0
        let goesOn = { [oracle] in
            steps += 1
            return oracle.violations.isEmpty && steps < 2_000_000
        }
        world.run(until: horizon, while: goesOn)
        calm()
        let longest = providers.map(\.lifetime.wholeMilliseconds).max() ?? 0
        world.run(until: world.elapsed + 2 * longest + 20 * 60_000, while: goesOn)
        if steps >= 2_000_000 { oracle.violate("the run does not come to rest", at: world.elapsed) }
        if oracle.violations.isEmpty { check() }
        return oracle.violations
    }

    private func connect(_ key: ToolAuthKey, _ provider: SimulatedProvider) {
        let consent = provider.consent(key.userID)
        var record = ToolAuthRecord(
            key: key, tokenType: "Bearer", scope: "read", obtainedAt: world.now,
            expiresAt: world.now + provider.lifetime,
            hasAccessToken: true, hasRefreshToken: true, clientID: "client", tokenOrigin: "https://provider.test:443",
            createdAt: world.now)
        record.boot = world.boot
        let policy = tools.refreshable(provider.tool)?.policy ?? provider.policy
        RefreshSchedule(policy).plan(&record, now: world.now, uniform: random.uniform())
        store.put(
            ToolAuth(record: record, accessToken: Secret(consent.access), refreshToken: Secret(consent.refresh)),
            now: world.now)
        if let stored = store.grants[key] {
            oracle.discards(key)
            oracle.stores(stored)
            daemon.checkLateness(of: stored.record)
            daemon.note(key.toolID, dueAt: stored.record.dueAt)
        }
        if !users.contains(key) { users.append(key) }
    }

    // MARK: Misfortunes

    private func at(_ share: ClosedRange<Double>, _ body: @escaping () -> Void) {
        let span = Double(horizon) / 1000
        world.after(random.duration(share.lowerBound * span...share.upperBound * span)) { [self] in
            if !isCalm { body() }
        }
    }

    private func times(_ range: ClosedRange<Int>, _ body: @escaping () -> Void) {
        for _ in 0..<random.int(range) { at(0...0.95, body) }
    }

    private func plan() {
        times(0...4) { [self] in changeMood(of: random.pick(providers)) }
        times(0...5) { [self] in crash() }
        times(0...2) { [self] in stop() }
        if random.chance(0.4) { times(1...2) { [self] in failStore() } }
        if random.chance(0.3) { times(1...2) { [self] in setClock() } }
        if random.chance(0.2) { times(1...1) { [self] in suspend() } }
        times(0...4) { [self] in reconnect(random.pick(users)) }
        times(0...2) { [self] in forget() }
        times(0...2) { [self] in revokeAtProvider() }
        times(0...60) { [self] in ask() }
        if random.chance(0.1) { times(1...2) { [self] in pause() } }
        if random.chance(0.2) { times(1...1) { [self] in reconfigure() } }
    }

    private func changeMood(of provider: SimulatedProvider) {
        let moods: [SimulatedProvider.Mood] = [
            .unreachable, .failing, .silent, .limiting(random.duration(1...120)), .losingReplies, .rejectingClient,
        ]
        provider.mood = random.pick(moods)
        Trace.say(world.elapsed) { "\(provider.tool) is \(provider.mood)" }
        oracle.count("mood \(provider.mood)".prefix { $0 != "(" }.description)
        provider.disturbances.begin(at: world.elapsed)
        world.after(random.duration(2...900)) { [self] in mend(provider) }
    }

    private func mend(_ provider: SimulatedProvider) {
        guard provider.mood != .healthy else { return }
        Trace.say(world.elapsed) { "\(provider.tool) is healthy" }
        provider.mood = .healthy
        provider.disturbances.end(at: world.elapsed)
    }

    private func crash() {
        guard daemon.machine != nil else { return }
        daemon.crash()
        daemon.troubles.begin(at: world.elapsed)
        if random.chance(0.2) { world.reboot() }
        world.after(random.duration(0.05...90)) { [self] in restart() }
    }

    private func stop() {
        guard daemon.machine?.isStopping == false else { return }
        daemon.troubles.begin(at: world.elapsed)
        daemon.stop { [self] in world.after(random.duration(0.05...90)) { [self] in restart() } }
    }

    private func restart() {
        guard daemon.machine == nil else { return }
        daemon.troubles.end(at: world.elapsed)
        daemon.start()
    }

    private func failStore() {
        let error = StoreError(random.pick([.io, .inUse]), "no writes now")
        if random.chance(0.3) { store.unwritable = random.pick(users) } else { store.failure = error }
        daemon.troubles.begin(at: world.elapsed)
        oracle.count("store failure")
        world.after(random.duration(0.1...300)) { [self] in mendStore() }
    }

    private func mendStore() {
        guard store.failure != nil || store.unwritable != nil else { return }
        store.failure = nil
        store.unwritable = nil
        daemon.troubles.end(at: world.elapsed)
    }

    private func setClock() {
        let step = random.duration(-10_800...10_800)
        world.setClock(by: step)
        daemon.troubles.note(at: world.elapsed, lasting: 0)
        Trace.say(world.elapsed) { "the clock is set by \(step)" }
        oracle.count("clock set")
        daemon.clockWasSet()
    }

    private func suspend() {
        // It wakes before the calm.
        let span = min(random.duration(60...10_800), .milliseconds(max(0, horizon - world.elapsed)))
        daemon.troubles.note(at: world.elapsed, lasting: span.wholeMilliseconds)
        oracle.count("suspend")
        daemon.suspend(for: span)
    }

    private func reconnect(_ key: ToolAuthKey) {
        guard let provider = provider(of: key) else { return }
        oracle.count("reauthorization")
        connect(key, provider)
    }

    private func forget() {
        let key = random.pick(users)
        store.delete(key)
        oracle.discards(key)
        oracle.count("deletion")
    }

    private func revokeAtProvider() {
        let key = random.pick(users)
        guard let token = store.grants[key]?.refreshToken?.reveal(), let provider = provider(of: key),
            let grant = provider.grant(of: token)
        else { return }
        provider.end(grant.id)
        oracle.count("revoked at the provider")
    }

    private func ask() {
        let key = random.pick(users)
        guard let toolAuth = store.grants[key] else { return }
        let generation = toolAuth.record.generation
        daemon.ask(key, random.chance(0.5) ? .read(generation: generation) : .forced(generation: generation))
        // Who sees that his tool does not work connects it again, in the middle of it.
        if random.chance(0.15) {
            world.after(random.duration(0...0.8)) { [self] in
                if !isCalm { reconnect(key) }
            }
        }
    }

    private func pause() {
        let provider = random.pick(providers)
        daemon.troubles.begin(at: world.elapsed)
        daemon.setPause(provider.tool, ToolPause(.administrator, detail: "wanted", since: world.now))
        pausedByAdministrator.insert(provider.tool)
        world.after(random.duration(10...1200)) { [self] in letGoOn(provider.tool) }
    }

    private func letGoOn(_ tool: ToolID) {
        guard pausedByAdministrator.contains(tool) else { return }
        guard daemon.machine != nil, store.failure == nil else {
            world.after(.seconds(30)) { [self] in letGoOn(tool) }
            return
        }
        pausedByAdministrator.remove(tool)
        daemon.setPause(tool, nil)
        daemon.troubles.end(at: world.elapsed)
    }

    private func reconfigure() {
        let provider = random.pick(providers)
        guard let tool = tools.refreshable(provider.tool) else { return }
        var policy = tool.policy
        policy.aheadFraction = random.pick([0.1, 0.25, 0.5])
        // At the same origin, and perhaps at another path of it.
        let path = random.pick(["token", "oauth/token"])
        let endpoint = EndpointID(tokenEndpoint: "https://provider.test/\(provider.tool)/\(path)", clientID: "client")
        tools.set(provider.tool, policy, endpoint: endpoint, canConnect: tool.connect != nil)
        daemon.troubles.note(at: world.elapsed, lasting: 0)
        oracle.count("reconfiguration")
        Trace.say(world.elapsed) { "\(provider.tool) is reconfigured" }
        daemon.reconfigure()
    }

    private func provider(of key: ToolAuthKey) -> SimulatedProvider? {
        providers.first { $0.tool == key.toolID }
    }

    // MARK: Calm

    private func calm() {
        isCalm = true
        daemon.lossRate = 0
        for provider in providers { mend(provider) }
        mendStore()
        restart()
        for tool in pausedByAdministrator.sorted() { letGoOn(tool) }
    }

    /// Everything must have come right.
    private func check() {
        let instant = world.elapsed
        daemon.checkNobodyIsForgotten()
        guard let machine = daemon.machine else {
            oracle.violate("the daemon does not run", at: instant)
            return
        }
        // What is just on its way to the disk is not lost.
        oracle.checkNothingIsLost(besides: Set(machine.work.keys), at: instant)
        if let problem = machine.storeProblem {
            oracle.violate("the store is still said to fail: \(problem)", at: instant)
        }
        if machine.heldResults > 0 { oracle.violate("\(machine.heldResults) ends are still held", at: instant) }
        for key in store.grants.keys.sorted() {
            if let toolAuth = store.grants[key] { check(toolAuth, machine, at: instant) }
        }
    }

    private func check(_ toolAuth: ToolAuth, _ machine: RefreshMachine, at instant: Int64) {
        let (key, record) = (toolAuth.key, toolAuth.record)
        guard let provider = provider(of: key), let token = toolAuth.refreshToken?.reveal() else { return }
        // An attempt is just under way; the provider may be ahead of the disk.
        if machine.work[key] != nil { return }
        let policy = tools.refreshable(key.toolID)?.policy ?? provider.policy
        let isGood =
            provider.grant(of: token).map { found in
                found.grant.isAlive && (policy.rotation != .singleUse || found.grant.current == token)
            } ?? false
        if isGood, record.status.reason != nil {
            oracle.violate("\(key) is \(record.status), and its grant is alive", at: instant)
        }
        guard policy.eagerness == .eager else { return }
        if isGood, record.status != .healthy {
            oracle.violate(
                "\(key) is still \(record.status) after the calm: \(record.lastError?.code ?? ""), due \(record.dueAt.map { "\($0 - world.now)" } ?? "never")",
                at: instant)
        }
        if !isGood, record.status.reason == nil {
            oracle.violate("\(key) is \(record.status), and its grant is dead", at: instant)
        }
        if let dueAt = record.dueAt, dueAt < world.now - .seconds(60), policy.rate == nil {
            oracle.violate("\(key) is due since \(world.now - dueAt) and nobody sees to it", at: instant)
        }
    }
}

func toolID(_ text: String) -> ToolID {
    guard let id = ToolID(text) else { fatalError("\(text) is no tool id") }
    return id
}

func userID(_ text: String) -> UserID {
    guard let id = UserID(text) else { fatalError("\(text) is no user id") }
    return id
}
