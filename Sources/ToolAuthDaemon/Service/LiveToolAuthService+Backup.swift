import Refresh
import ToolAuthCore

extension LiveToolAuthService {
    func backup() async throws(ToolAuthError) -> any StoreBackup {
        do throws(StoreError) {
            return try await store.backup()
        } catch {
            events.notice(.storeErred("a backup", error))
            throw .storeUnavailable(error)
        }
    }
}
