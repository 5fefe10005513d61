import Providers
import ToolAuthCore

/// What people ask to see of the configuration of this moment; a reload puts another in its place.
final class ConfigurationInForce: Sendable {
    private let held: Locked<(providers: [ProviderSummary], problems: [ConfigurationProblem])>

    init(providers: [ProviderSummary] = [], problems: [ConfigurationProblem] = []) {
        held = Locked((providers, problems))
    }

    /// The catalogue, by name.
    var providers: [ProviderSummary] { held.withLock { $0.providers } }

    /// What is wrong or strange in files, without keeping them from being used.
    var problems: [ConfigurationProblem] { held.withLock { $0.problems } }

    func replace(_ loaded: LoadedConfiguration) { held.withLock { $0 = (loaded.providers, loaded.problems) } }
}
