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

    let engine: RefreshEngine
    let revocations: RevocationWorker
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        await revocations.stop()
        let isDrained = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await engine.drain()
                return true
            }
            group.addTask {
                try? await Task.sleep(for: Self.patience)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? true
        }
        if !isDrained {
            logger.critical(
                "Refreshes did not end within \(Self.patience.inSeconds) s of the stop; their results are lost.")
        }
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
    let notifier: ServiceNotifier
    let journal: EventJournal

    func run() async throws {
        try? await gracefulShutdown()
        notifier.stopping()
        notifier.status("Stopping: answering what was asked, finishing refreshes under way.")
        journal.record(.stopping(reason: "asked to"))
    }
}
