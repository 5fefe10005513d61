import APIServer
import Providers
import Refresh
import Systemd
import Telemetry
import ToolAuthCore

/// Reads the configuration again and puts what it says in force. Each reload reads what is on disk when its turn comes.
actor Reloader {
    /// What a reload changes.
    struct Targets: Sendable {
        let tools: ToolRegistry
        let configuration: ConfigurationInForce
        let rules: RulesInForce
        let threshold: LogThreshold
        /// Makes tools of a configuration, of these clients where nothing about them changed.
        let makeTools: @Sendable (DaemonSettings, [ToolID: Tool.Client]) async throws(StoreError) -> [Tool]
        /// Tells the engine that the tools changed.
        let reconfigure: @Sendable (Set<ToolID>) async throws(StoreError) -> Void
    }

    private let options: DaemonOptions
    private let targets: Targets
    private let changes: ChangeQueue
    private let socketGID: UInt32?
    private let notifier: ServiceNotifier
    private let journal: EventJournal
    private let events: any EventSink
    private let clock: any WallClock
    private var settings: DaemonSettings

    init(
        _ settings: DaemonSettings, _ options: DaemonOptions, _ targets: Targets, _ changes: ChangeQueue,
        socketGID: UInt32?, notifier: ServiceNotifier, journal: EventJournal, events: any EventSink,
        clock: any WallClock
    ) {
        self.settings = settings
        self.options = options
        self.targets = targets
        self.changes = changes
        self.socketGID = socketGID
        self.notifier = notifier
        self.journal = journal
        self.events = events
        self.clock = clock
    }

    /// - Throws: `invalid-configuration`, and then nothing changed; `store-unavailable`.
    func reload() async throws(ToolAuthError) -> ReloadReport {
        try await changes.run { () async throws(ToolAuthError) in try await self.reloadOnce() }
    }

    private func reloadOnce() async throws(ToolAuthError) -> ReloadReport {
        notifier.reloading()
        // Also at the end of one that was refused: the daemon serves on.
        defer { notifier.ready() }
        do throws(ToolAuthError) {
            let report = try await take()
            let event = ToolAuthEvent(.configurationReloaded, at: clock.now, toolID: nil, detail: Self.sentence(report))
            events.emit(event)
            return report
        } catch {
            journal.record(.configurationError(detail: "The reload was refused. \(error.detail)"))
            throw error
        }
    }

    private func take() async throws(ToolAuthError) -> ReloadReport {
        let next: DaemonSettings
        let rules: AccessRules
        do throws(DaemonFailure) {
            next = try DaemonSettings(options)
            rules = try AccessRules(next.configuration.clients, socketGID: socketGID)
        } catch {
            throw ToolAuthError(.invalidConfiguration, error.detail)
        }
        let plan = ReloadPlan(present: settings.loaded, next: next.loaded)
        let refusals = plan.refusals
        guard refusals.isEmpty else {
            let more = refusals.count > 1 ? " (and \(refusals.count - 1) more)" : ""
            throw ToolAuthError(.invalidConfiguration, "\(refusals[0])\(more); nothing was changed")
        }
        let report = plan.report(missingCredentials: next.missingCredentials)
        do throws(StoreError) {
            let former = targets.tools.configured
            let kept = former.filter { plan.unchanged.contains($0.id) }
            let clients = Dictionary(kept.map { ($0.id, $0.client) }) { first, _ in first }.compactMapValues { $0 }
            targets.tools.replaceAll(try await targets.makeTools(next, clients))
            do throws(StoreError) { try await targets.reconfigure(Set(report.changed)) } catch {
                targets.tools.replaceAll(former)
                throw error
            }
        } catch {
            throw .storeUnavailable(error)
        }
        targets.configuration.replace(next.loaded)
        targets.rules.replace(rules)
        targets.threshold.level = next.logLevel
        for problem in next.loaded.problems where !settings.loaded.problems.contains(problem) {
            journal.record(.configurationError(detail: problem.description))
        }
        settings = next
        return report
    }

    private static func sentence(_ report: ReloadReport) -> String {
        let parts = [
            ("added", report.added.map(\.rawValue)), ("changed", report.changed.map(\.rawValue)),
            ("removed", report.removed.map(\.rawValue)), ("in force", report.settings),
            ("takes a restart", report.restartRequired),
        ]
        let told = parts.filter { !$0.1.isEmpty }.map { name, what in
            let shown = what.prefix(10).joined(separator: ", ")
            return "\(name): \(shown)\(what.count > 10 ? " and \(what.count - 10) more" : "")"
        }
        return told.isEmpty ? "nothing has changed" : told.joined(separator: "; ")
    }
}
