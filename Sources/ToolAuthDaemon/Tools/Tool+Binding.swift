import Refresh
import ToolAuthCore

extension Tool {
    /// The tool as it is allowed to work with the tokens there are: paused where some came from another origin than its
    /// endpoint has now, to which they are never sent unasked. Computed, so that putting the configuration back heals it.
    func bound(to bindings: [TokenBinding: Int]) -> Tool {
        guard obstacle == nil, let present = client?.tokenOrigin,
            let origin = foreignOrigins(in: bindings, present: present).first
        else { return self }
        var paused = self
        paused.obstacle = ToolObstacle(
            isPaused: true,
            detail:
                "Tokens came from \(origin), and the tool now names \(present) (endpoint_changed). Put the configuration back, or: toolauthctl tools resume \(id) --accept-endpoint"
        )
        paused.awaitsEndpoint = true
        return paused
    }

    /// Where tokens of the tool's own client came from, other than from its endpoint, which is at `present`.
    func foreignOrigins(in bindings: [TokenBinding: Int], present: String) -> [String] {
        guard let client, !client.policy.needsNoUser else { return [] }
        return bindings.keys
            .filter { bytesEqual($0.clientID, client.clientID) && !bytesEqual($0.tokenOrigin, present) }
            .map(\.tokenOrigin).sorted()
    }

    /// Without the pause that a changed origin brought.
    var acceptingEndpoint: Tool {
        guard awaitsEndpoint else { return self }
        var accepted = self
        accepted.obstacle = nil
        accepted.awaitsEndpoint = false
        return accepted
    }
}
