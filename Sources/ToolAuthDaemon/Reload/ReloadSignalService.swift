import Logging
import ServiceLifecycle
import ToolAuthCore
import UnixSignals

/// Reloads on SIGHUP. What came of it is in the journal.
struct ReloadSignalService: Service {
    let signals: UnixSignalsSequence
    let reload: @Sendable () async throws(ToolAuthError) -> ReloadReport

    func run() async throws {
        for await _ in signals.cancelOnGracefulShutdown() {
            _ = try? await reload()
        }
    }
}
