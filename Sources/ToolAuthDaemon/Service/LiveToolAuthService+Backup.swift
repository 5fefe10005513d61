import Logging
import ToolAuthCore

extension LiveToolAuthService {
    func backup() async throws(ToolAuthError) -> any StoreBackup {
        do throws(StoreError) {
            return try await store.backup()
        } catch {
            // Who asks is told; the store itself is well, and need not be looked after because of it.
            logger.warning("A backup was not made: \(error.detail)")
            throw .storeUnavailable(error)
        }
    }
}
