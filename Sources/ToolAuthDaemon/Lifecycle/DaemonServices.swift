import Logging
import Refresh
import ServiceLifecycle
import Systemd
import Telemetry
import ToolAuthCore

// The parts of the daemon that run until it stops, in the order in which they start; they stop in the opposite order.

/// Lets the refreshes under way end and be stored.
struct EngineService: Service {
    /// What is in flight at a stop has this long.
    static let patience: Duration = .seconds(35)
    /// Tokens that cannot be stored, as on a full disk, hold the stop up so long.
    static let patienceForHeld: Duration = .seconds(600)

    let engine: RefreshEngine
    let revocations: RevocationWorker
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        await revocations.stop()
        if await isDrained(within: Self.patience) { return }
        // Meanwhile the manager is told to wait, since the beginning of the stop.
        if await isDrained(within: Self.patienceForHeld) { return }
        for key in await engine.unfinished {
            logger.tell(.tokensLost(key))
        }
    }

    private func isDrained(within limit: Duration) async -> Bool {
        await withDeadline(limit, clock: ContinuousClock()) { [engine] in
            await engine.drain()
            return true
        } ?? false
    }
}

/// Feeds the service manager's watchdog while engine, store and API make progress.
struct WatchdogService: Service {
    let watchdog: Watchdog<SuspendingClock>

    func run() async throws {
        let watch = Task { await watchdog.run() }
        try? await gracefulShutdown()
        watch.cancel()
    }
}

/// The last to start and the first to hear of a stop: tells the service manager and the journal.
struct AnnouncerService: Service {
    /// Of requests that wait for a refresh, of refreshes under way, and of tokens that cannot be stored.
    private static let longestStop: Duration = .seconds(70) + EngineService.patience + EngineService.patienceForHeld

    let notifier: ServiceNotifier
    let journal: EventJournal
    let engine: RefreshEngine

    func run() async throws {
        try? await gracefulShutdown()
        notifier.stopping()
        // Before the API lets its last requests go: they get what is under way, and begin nothing.
        await engine.stop()
        let patience = StopExtension(
            isUnfinished: { [engine] in await !engine.unfinished.isEmpty },
            extendTimeout: { [notifier] in notifier.extendTimeout(by: $0) },
            pause: { try? await Task.sleep(for: $0) })
        // Beside the others' stops, which end with the process.
        Task { await patience.run(limit: Self.longestStop) }
        notifier.status("Stopping: answering what was asked, finishing refreshes under way.")
        journal.record(.stopping(reason: "asked to"))
    }
}
