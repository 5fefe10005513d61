import Providers
import ToolAuthCore

/// What a new configuration means beside the one in force. Pure.
struct ReloadPlan {
    let present: LoadedConfiguration
    let next: LoadedConfiguration

    /// Why the new one is not taken: a file in use has become bad, and what it described would be gone. Empty: it is.
    var refusals: [String] {
        let usable = Set(present.tools.map(\.id))
        var refusals = next.unavailable.filter { $0.toolID.map(usable.contains) ?? false }.map(\.reason)
        // A file of which not even the names can be read may be the one whose tools are missed.
        let nameless = next.unavailable.filter { $0.toolID == nil && !present.unavailable.contains($0) }
        if !vanished.isEmpty { refusals += nameless.map(\.reason) }
        return refusals
    }

    /// Tools that could be used and are not configured any more.
    private var vanished: [ToolID] {
        let known = Set(next.tools.map(\.id)).union(next.unavailable.compactMap(\.toolID))
        return present.tools.map(\.id).filter { !known.contains($0) }
    }

    /// Tools about which nothing changed, so that what they remember goes on.
    var unchanged: Set<ToolID> {
        let former = Dictionary(present.tools.map { ($0.id, $0) }) { first, _ in first }
        return Set(next.tools.filter { former[$0.id] == $0 }.map(\.id))
    }

    /// - Parameter missingCredentials: those that tools name and the service manager did not pass at the start.
    func report(missingCredentials: Set<String>) -> ReloadReport {
        var report = ReloadReport()
        let former = Dictionary(present.tools.map { ($0.id, $0) }) { first, _ in first }
        for tool in next.tools {
            if let same = former[tool.id] {
                if same != tool { report.changed.append(tool.id) }
            } else {
                report.added.append(tool.id)
            }
        }
        report.removed = vanished
        report.settings = settingsInForce
        report.restartRequired =
            settingsForRestart + missingCredentials.sorted(by: bytesPrecede).map { "credential \($0)" }
        report.problems = next.problems.map(\.description)
        return report
    }

    private var settingsInForce: [String] {
        let (old, new) = (present.daemon, next.daemon)
        let changed: [(String, Bool)] = [
            ("clients", old.clients != new.clients), ("log", old.logLevel != new.logLevel),
            ("authorization", old.stateLifetime != new.stateLifetime), ("refresh", old.refresh != new.refresh),
            ("tls", old.caFile != new.caFile), ("proxy", old.proxy != new.proxy),
            ("allow_inline_secrets", old.allowsInlineSecrets != new.allowsInlineSecrets),
            ("providers", present.providers != next.providers),
        ]
        return changed.filter(\.1).map(\.0)
    }

    private var settingsForRestart: [String] {
        let (old, new) = (present.daemon, next.daemon)
        let changed: [(String, Bool)] = [
            ("store", old.storePath != new.storePath), ("socket", old.socket != new.socket),
            ("keys", old.keysFile != new.keysFile), ("callback", old.callbackAddress != new.callbackAddress),
            ("metrics", old.metricsAddress != new.metricsAddress), ("limits", old.limits != new.limits),
        ]
        return changed.filter(\.1).map(\.0)
    }
}
