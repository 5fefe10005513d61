import Glibc
import SocketAPI
import ToolAuthClient
import ToolAuthCore

/// Prints how long a user's token for a tool still lives; where the tool is not connected, has the user connect it first.
///
///     swift run example-swift-client gmail alice
@main
struct Main {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count == 2, let tool = ToolID(arguments.first ?? ""), let user = UserID(arguments.last ?? "")
        else { throw Usage() }
        // TOOLAUTH_SOCKET, the user's own daemon, or the system's.
        let client = ToolAuthClient.discover()
        // Ask again for each request that you make: it costs less than the request, and is never too old.
        let token = try await token(tool, user, client)
        print("A \(token.tokenType) token", token.expiresIn.map { "for \($0) s more." } ?? "that does not end.")
        if let warning = token.warning { print("Note: \(warning.detail)") }
    }

    private static func token(_ tool: ToolID, _ user: UserID, _ client: ToolAuthClient) async throws -> TokenBody {
        do {
            return try await client.token(toolID: tool, userID: user)
        } catch {
            guard case .problem(let problem) = error,
                ["not-connected", "reauthorization-required"].contains(problem.code)
            else { throw error }
            try await connect(tool, user, client)
            return try await client.token(toolID: tool, userID: user)
        }
    }

    /// Shows where to consent, and returns once the user has.
    private static func connect(_ tool: ToolID, _ user: UserID, _ client: ToolAuthClient) async throws {
        let flow = try await client.authorize(toolID: tool, userID: user)
        print("Consent here: \(flow.authURL)")
        // Also where standard output is no terminal.
        fflush(nil)
        var status = "pending"
        while status == "pending" {
            try await Task.sleep(for: .seconds(1))
            status = try await client.authorization(flow.authorizationID).status
        }
        guard status == "connected" else { throw NotConnected(status: status) }
    }
}

struct NotConnected: Error, CustomStringConvertible {
    let status: String
    var description: String { "the flow is \(status)" }
}

struct Usage: Error, CustomStringConvertible {
    var description: String { "usage: example-swift-client TOOL USER" }
}
