import CSystemd
package import Logging
import Telemetry

/// Feeds the service manager's watchdog for as long as every part of the daemon makes progress.
///
/// Each half of `WatchdogSec=`, every probe is asked, and once all have answered the watchdog is fed. A probe that hangs is not
/// asked again and keeps it hungry, so that the manager kills and restarts the daemon; the others are asked all the same,
/// and the log names the silent one.
package actor Watchdog<C: Clock> where C.Duration == Duration {
    private let interval: Duration
    private let checks: [String: @concurrent @Sendable () async -> Void]
    private let clock: C
    private let logger: Logger
    private let feed: @Sendable () -> Void
    private var round: WatchdogRound
    private var pending: [String: Task<Void, Never>] = [:]

    /// - Parameters:
    ///   - timeout: `WatchdogSec=`, see ``WatchdogTimeout``.
    ///   - clock: one that stands still during suspend, as the manager's does.
    ///   - feed: says `WATCHDOG=1`.
    package init(
        timeout: Duration, probes: [WatchdogProbe], clock: C, logger: Logger, feed: @escaping @Sendable () -> Void
    ) {
        interval = timeout / 2
        checks = Dictionary(probes.map { ($0.name, $0.check) }) { _, later in later }
        round = WatchdogRound(probes: checks.keys.sorted())
        self.clock = clock
        self.logger = logger
        self.feed = feed
    }

    /// Watches until it is cancelled. Does not wait for probes that hang then: they are cancelled and left behind.
    package func run() async {
        defer {
            for task in pending.values { task.cancel() }
            pending = [:]
        }
        while !Task.isCancelled {
            let (ask, silent) = round.begin()
            if !silent.isEmpty {
                logger.tell(.noProgress(parts: silent))
            }
            for name in ask {
                guard let check = checks[name] else { continue }
                // Not a child task: the end of this function would wait for a probe that hangs.
                pending[name] = Task {
                    await check()
                    // A probe that was cancelled did not answer.
                    if !Task.isCancelled { answered(name) }
                }
            }
            do { try await clock.sleep(for: interval) } catch { return }
        }
    }

    private func answered(_ name: String) {
        pending[name] = nil
        if round.answer(name) { feed() }
    }
}

/// Asks one part of the daemon for progress.
package struct WatchdogProbe: Sendable {
    /// For the log, such as `store`.
    package let name: String
    /// Returns once the part has done something that it cannot do when it hangs. Takes as long as it takes.
    package let check: @concurrent @Sendable () async -> Void

    package init(_ name: String, check: @escaping @concurrent @Sendable () async -> Void) {
        self.name = name
        self.check = check
    }
}

/// What the service manager expects.
package enum WatchdogTimeout {
    /// `WatchdogSec=` of the unit; nil: nobody watches this process (sd_watchdog_enabled(3)).
    package static func fromEnvironment() -> Duration? {
        var usec: UInt64 = 0
        guard sd_watchdog_enabled(0, &usec) > 0, let usec = Int64(exactly: usec) else { return nil }
        return .microseconds(usec)
    }
}
