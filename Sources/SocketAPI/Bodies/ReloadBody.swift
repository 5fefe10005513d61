/// `POST /v1/reload`: what the reload changed.
public struct ReloadBody: Codable, Sendable, Equatable {
    /// Tools that were not there, or could not be used, and now can.
    public var added: [String]
    /// Tools that now are configured otherwise.
    public var changed: [String]
    /// Tools that are no longer configured; their grants are kept.
    public var removed: [String]
    /// Settings that changed and are in force.
    public var settings: [String]
    /// What changed and takes a restart of the daemon.
    public var restartRequired: [String]
    /// What is wrong in tool and provider files; the tools concerned were unavailable before, too.
    public var problems: [String]

    package init(
        added: [String], changed: [String], removed: [String], settings: [String], restartRequired: [String],
        problems: [String]
    ) {
        self.added = added
        self.changed = changed
        self.removed = removed
        self.settings = settings
        self.restartRequired = restartRequired
        self.problems = problems
    }

    private enum CodingKeys: String, CodingKey {
        case added, changed, removed, settings, problems
        case restartRequired = "restart_required"
    }
}
