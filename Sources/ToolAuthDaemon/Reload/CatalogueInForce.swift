import Synchronization
import ToolAuthCore

/// The catalogue of providers of this moment.
final class CatalogueInForce: Sendable {
    private let held: Mutex<[ProviderSummary]>

    init(_ providers: [ProviderSummary] = []) {
        held = Mutex(providers)
    }

    /// By name.
    var providers: [ProviderSummary] {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}
