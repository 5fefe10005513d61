import ToolAuthCore

extension LiveToolAuthService {
    func reload() async throws(ToolAuthError) -> ReloadReport { try await reloadConfiguration() }
}
