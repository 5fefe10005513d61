/// What a reload of the configuration changed.
package struct ReloadReport: Sendable, Equatable {
    /// Tools that were not there, or could not be used, and now can.
    package var added: [ToolID] = []
    /// Tools that now are configured otherwise.
    package var changed: [ToolID] = []
    /// Tools that are no longer configured; their grants are kept.
    package var removed: [ToolID] = []
    /// Settings of `toolauthd.yaml` that changed and are in force, by their key; `providers` for the catalogue.
    package var settings: [String] = []
    /// What changed and takes a restart: keys of `toolauthd.yaml`, or `credential NAME`.
    package var restartRequired: [String] = []
    /// What is wrong in tool and provider files; the tools concerned were unavailable before, too.
    package var problems: [String] = []

    package init() {}

    /// Whether all is as it was.
    package var isEmpty: Bool {
        added.isEmpty && changed.isEmpty && removed.isEmpty && settings.isEmpty && restartRequired.isEmpty
    }
}
