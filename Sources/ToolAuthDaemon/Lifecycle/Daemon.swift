import APIServer
import CurlTransport
import Glibc
import Logging
import OAuth
import Providers
import Refresh
import SQLiteStore
import ServiceLifecycle
import Systemd
import Telemetry
import ToolAuthCore
import UnixSignals

/// The running daemon: makes every part, joins them, and runs until it is told to stop.
struct Daemon {
    private let settings: DaemonSettings
    private let options: DaemonOptions
    private let threshold: LogThreshold
    private let sockets: InheritedSockets
    private let notifier: ServiceNotifier
    private let journal: EventJournal
    private let logger: Logger
    private let clock = SystemWallClock()
    private let startedAt: Timestamp
    private let reloadSignals: UnixSignalsSequence
    private let stopwatch = ContinuousClock.now

    /// - Returns: the exit code.
    static func run(_ options: DaemonOptions) async -> Int32 {
        // Before anything that takes time: one that comes meanwhile is heeded when the start is over, and is not the end.
        let reloadSignals = await UnixSignalsSequence(trapping: .sighup)
        let threshold = LogThreshold()
        let handler = LogDestination.detect().handler(threshold: threshold)
        let logger = Logger(label: "toolauthd") { _ in handler }
        let journal = EventJournal(logger: logger, clock: SystemWallClock())
        let notifier = ServiceNotifier(logger: logger)
        do {
            try ProcessHardening.forbidDumps()
            journal.record(.started(version: ToolAuthVersion.current))
            let sockets = try InheritedSockets.take()
            let settings = try DaemonSettings(options)
            threshold.level = settings.logLevel
            for problem in settings.loaded.problems { journal.record(.configurationError(detail: problem.description)) }
            let daemon = Daemon(
                settings: settings, options: options, threshold: threshold, sockets: sockets, notifier: notifier,
                journal: journal, logger: logger,
                startedAt: SystemWallClock().now, reloadSignals: reloadSignals)
            try await daemon.serve()
            return 0
        } catch {
            return report(error, journal, notifier)
        }
    }

    private static func report(_ error: any Error, _ journal: EventJournal, _ notifier: ServiceNotifier) -> Int32 {
        let failure: DaemonFailure
        switch error {
        case let error as DaemonFailure:
            failure = error
            journal.record(.configurationError(detail: failure.detail))
        case let error as StoreError:
            failure = DaemonFailure(error)
            journal.record(.storeRefused(code: error.code.rawValue, detail: error.detail))
        case let error as ListenError:
            failure = DaemonFailure(error)
            journal.record(.configurationError(detail: failure.detail))
        default:
            failure = DaemonFailure(.store, "\(error)")
            journal.record(.internalError(detail: failure.detail))
        }
        notifier.status(failure.detail)
        notifier.failed(errno: failure.errno)
        return failure.code.rawValue
    }

    private func serve() async throws {
        let metrics = RefreshMetrics()
        settings.prepareStateDirectory()
        let store = try await SQLiteTokenStore.open(
            directory: settings.stateDirectory, keys: try settings.keySource(), machineID: MachineID.read(),
            onCommit: { metrics.committed(batch: $0) })
        let transport = CurlHTTPTransport(
            configuration: CurlHTTPTransport.Configuration(userAgent: "toolauthd/\(ToolAuthVersion.current)"))
        do {
            try await serve(store, transport, metrics)
        } catch {
            await transport.shutDown()
            try? await store.close()
            throw error
        }
        await transport.shutDown()
        try await store.close()
    }

    private func serve(
        _ store: SQLiteTokenStore, _ transport: CurlHTTPTransport, _ metrics: RefreshMetrics
    ) async throws {
        if let hold = store.hold { journal.record(.held(reason: hold.reason)) }
        let discovery = Discovery(transport: transport, clock: clock)
        let makeTools: @Sendable (DaemonSettings, [ToolID: Tool.Client]) async throws(StoreError) -> [Tool] = {
            [clock] (settings: DaemonSettings, kept: [ToolID: Tool.Client]) async throws(StoreError) -> [Tool] in
            let configured = settings.tools(
                transport: transport, clock: clock, discovery: discovery, custom: DaemonProgram.providers, kept: kept)
            return Tool.all(configured, bindings: try await store.bindings())
        }
        let tools = ToolRegistry(try await makeTools(settings, [:]))
        let uniform: @Sendable () -> Double = { Double.random(in: 0..<1) }

        let statusChanges = Relay()
        let hub = EventHub(startedAt: startedAt)
        let events = JournalEvents(journal: journal, hub: hub, metrics: metrics, timer: DispatchWakeTimer()) {
            statusChanges.tell()
        }
        let refreshTimer = try WallClockWakeTimer()
        let revocationsQueued = Relay()
        let engine = RefreshEngine(
            store: store, tools: tools, clock: clock, sleeper: ContinuousClock(), timer: refreshTimer, events: events,
            uniform: uniform, logger: logger, onRevocationQueued: { revocationsQueued.tell() })
        refreshTimer.onWake { Task { await engine.wake() } }
        let revocationTimer = DispatchWakeTimer()
        let revocations = RevocationWorker(
            store: store, tools: tools, clock: clock, timer: revocationTimer, events: events, uniform: uniform,
            logger: logger)
        revocationTimer.onWake { Task { await revocations.wake() } }
        revocationsQueued.connect { Task { await revocations.wake() } }
        let listener = try APISocket(settings, inherited: sockets, logger: logger)
        defer { listener.cleanUp() }
        let tcp = try TCPSockets(settings, inherited: sockets, logger: logger)
        let rules = RulesInForce(try AccessRules(settings.configuration.clients, socketGID: listener.groupID))
        let configuration = ConfigurationInForce(
            providers: settings.loaded.providers, problems: settings.loaded.problems)
        let changes = ChangeQueue()
        let rotation = KeyRotation(store: store, report: { [journal] in journal.record($0) })
        let reloader = Reloader(
            settings, options,
            Reloader.Targets(
                tools: tools, configuration: configuration, rules: rules, threshold: threshold, makeTools: makeTools,
                reconfigure: { (changed: Set<ToolID>) async throws(StoreError) in
                    try await engine.reconfigure(changed: changed)
                }), changes,
            socketGID: listener.groupID, notifier: notifier, journal: journal, events: events, clock: clock)
        let service = LiveToolAuthService(
            store: store, engine: engine, tools: tools, revocations: revocations, clock: clock, events: events,
            numbers: metrics, uniform: uniform,
            facts: DaemonFacts(
                version: ToolAuthVersion.current, startedAt: startedAt, warnings: warnings(store)),
            configuration: configuration, changes: changes, rotation: rotation,
            reloadConfiguration: { () async throws(ToolAuthError) in try await reloader.reload() })
        let reporter = StatusReporter(notifier: notifier, service: service)
        statusChanges.connect { Task { await reporter.changed() } }

        let unitUser = UnitUser(logger: logger)
        try await engine.start()
        await revocations.wake()
        await rotation.resume()
        let apiMetrics = APIMetrics()
        let server = APIServer(
            listeningSocket: listener.descriptor, service: service, events: hub, rules: rules,
            limits: settings.apiLimits, metrics: apiMetrics, audit: { events.tokenUsed($0) },
            report: { events.report($0) }, logger: logger,
            onServing: { [notifier, journal, stopwatch] in
                await reporter.report()
                notifier.ready()
                journal.record(.ready(after: ContinuousClock.now - stopwatch))
            },
            isUserOfUnit: { unit, uid in await unitUser.isUser(uid, of: unit) },
            identify: Peer.identified(bySocket:))
        var listeners: [any Service] = tcp.callback.map {
            CallbackServer(
                listeningSocket: $0, service: service, report: { events.report($0) }, logger: logger)
        }
        if let socket = tcp.metrics {
            listeners.append(
                MetricsServer(
                    listeningSocket: socket, service: service, metrics: apiMetrics, report: { events.report($0) },
                    logger: logger))
        }
        listeners.append(
            ReloadSignalService(
                signals: reloadSignals, reload: { () async throws(ToolAuthError) in try await reloader.reload() }))
        do {
            try await run(server, listeners, engine, revocations, store)
        } catch {
            await rotation.stop()
            throw error
        }
        await rotation.stop()
        events.finish()
    }

    private func run(
        _ server: APIServer, _ listeners: [any Service], _ engine: RefreshEngine, _ revocations: RevocationWorker,
        _ store: SQLiteTokenStore
    ) async throws {
        var services: [any Service] = [
            EngineService(engine: engine, revocations: revocations, logger: logger)
        ]
        if let timeout = WatchdogTimeout.fromEnvironment() {
            let probes = [
                WatchdogProbe("engine") { await engine.probe() },
                WatchdogProbe("store") {
                    try? await store.probe()
                    try? await store.probeWrites()
                },
                WatchdogProbe("API") { try? await server.probe() },
            ]
            let watchdog = Watchdog(
                timeout: timeout, probes: probes, clock: SuspendingClock(), logger: logger,
                feed: { [notifier] in notifier.watchdog() })
            services.append(WatchdogService(watchdog: watchdog))
        }
        services += listeners
        services += [server, AnnouncerService(notifier: notifier, journal: journal, engine: engine)]
        var quiet = logger
        quiet.logLevel = .error
        let group = ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        try await group.run()
    }

    private func warnings(_ store: SQLiteTokenStore) -> [String] {
        guard store.keyLiesBesideData else { return [] }
        return [
            "The master key lies beside the data it seals, in \(store.directory); whoever copies the directory has both."
        ]
    }
}
