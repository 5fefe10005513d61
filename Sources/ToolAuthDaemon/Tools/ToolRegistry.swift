import OAuth
import Refresh
import ToolAuthCore

/// The tools as configured at this moment, and which of them are paused. Read by everybody, replaced as a whole.
final class ToolRegistry: ToolDirectory {
    private struct Contents {
        var tools: [ToolID: Tool]
        var ordered: [Tool]
        var endpoints: [EndpointID]
        var refreshable: [ToolID]
        var pauses: [ToolID: ToolPause] = [:]

        /// As others are to see it: paused, whoever paused it.
        func shown(_ tool: Tool) -> Tool {
            guard tool.obstacle == nil, let pause = pauses[tool.id] else { return tool }
            var shown = tool
            shown.obstacle = ToolObstacle(isPaused: true, detail: pause.detail)
            return shown
        }
    }

    private let contents: Locked<Contents>

    init(_ tools: [Tool]) {
        contents = Locked(Self.index(tools))
    }

    /// The tool of that id, usable or not.
    ///
    /// - Throws: `unknown-tool` with the nearest names.
    func tool(_ id: ToolID) throws(ToolAuthError) -> Tool {
        let (found, known) = contents.withLock { contents in
            (contents.tools[id].map { contents.shown($0) }, contents.ordered)
        }
        if let found { return found }
        var error = ToolAuthError(.unknownTool, "There is no tool \(id).")
        error.suggestions = nearestNames(to: id.rawValue, among: known.map(\.id.rawValue))
        throw error
    }

    /// All tools as they are configured, whoever paused them.
    var configured: [Tool] { contents.withLock { $0.ordered } }

    /// All tools in the order of their ids.
    var all: [Tool] { contents.withLock { contents in contents.ordered.map { contents.shown($0) } } }

    /// Takes a tool in the place of the one of the same id. In a ``ChangeQueue``, like every change.
    func replace(_ tool: Tool) { replaceAll(configured.map { $0.id == tool.id ? tool : $0 }) }

    /// Takes other tools in the place of all there are.
    func replaceAll(_ tools: [Tool]) {
        contents.withLock { contents in
            let pauses = contents.pauses
            contents = Self.index(tools)
            contents.pauses = pauses
        }
    }

    // MARK: ToolDirectory

    func refreshable(_ toolID: ToolID) -> RefreshableTool? {
        guard let tool = contents.withLock({ $0.tools[toolID] }), tool.obstacle == nil, let client = tool.client
        else { return nil }
        return RefreshableTool(
            authentication: client.authentication, policy: client.policy, endpoint: client.endpoint,
            clientID: client.clientID, tokenOrigin: client.tokenOrigin, sharesEndpoint: client.sharesEndpoint,
            revokesSingleTokens: client.revocationScope == .token, connect: client.connect)
    }

    var refreshableTools: [ToolID] { contents.withLock { $0.refreshable } }

    func setPause(_ toolID: ToolID, _ pause: ToolPause?) {
        contents.withLock { $0.pauses[toolID] = pause }
    }

    /// Every endpoint at which something may be refreshed, in order.
    var endpoints: [EndpointID] { contents.withLock { $0.endpoints } }

    private static func index(_ tools: [Tool]) -> Contents {
        let ordered = tools.sorted { $0.id < $1.id }
        let usable = ordered.filter { $0.obstacle == nil && $0.client != nil }
        let byID = Dictionary(ordered.map { ($0.id, $0) }) { first, _ in first }
        return Contents(
            tools: byID, ordered: ordered, endpoints: Set(usable.compactMap { $0.client?.endpoint }).sorted(),
            refreshable: usable.map(\.id))
    }
}
