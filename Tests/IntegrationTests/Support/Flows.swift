import SocketAPI
import TestSupport
import ToolAuthClient
import ToolAuthCore

extension DaemonProcess {
    /// Leads a user through consent at `provider` and back.
    func connect(_ tool: ToolID, _ user: UserID = alice, at provider: ProviderProcess) async throws {
        let flow = try await client.authorize(toolID: tool, userID: user)
        let callback = try await provider.consent(to: flow.authURL, as: user.rawValue)
        _ = try await client.callback(url: callback, expectedToolID: tool, expectedUserID: user)
    }

    /// The code of the problem that `call` ends with; nil: it succeeds.
    func problem(_ call: (ToolAuthClient) async throws(ToolAuthClientError) -> some Any) async -> String? {
        do throws(ToolAuthClientError) {
            _ = try await call(client)
            return nil
        } catch {
            guard case .problem(let problem) = error else { return "\(error)" }
            return problem.code
        }
    }
}
