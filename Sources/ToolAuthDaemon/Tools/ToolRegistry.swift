import OAuth
import Refresh
import Synchronization
import ToolAuthCore

/// The tools as configured at this moment. Read by everybody, replaced as a whole.
final class ToolRegistry: ToolDirectory {
    private struct Contents {
        var tools: [ToolID: Tool]
        var ordered: [Tool]
        var endpoints: [EndpointID]
    }

    private let contents: Mutex<Contents>

    init(_ tools: [Tool]) {
        contents = Mutex(Self.index(tools))
    }

    /// The tool of that id, usable or not.
    ///
    /// - Throws: `unknown-tool` with the nearest names.
    func tool(_ id: ToolID) throws(ToolAuthError) -> Tool {
        let (found, known) = contents.withLock { ($0.tools[id], $0.ordered) }
        if let found { return found }
        var error = ToolAuthError(.unknownTool, "There is no tool \(id).")
        error.suggestions = nearestNames(to: id.rawValue, among: known.map(\.id.rawValue))
        throw error
    }

    /// All tools in the order of their ids.
    var all: [Tool] { contents.withLock { $0.ordered } }

    /// Where the records of each tool that can refresh are counted.
    var assignments: [ToolID: EndpointID] {
        var assignments: [ToolID: EndpointID] = [:]
        for tool in all where tool.obstacle == nil { assignments[tool.id] = tool.client?.endpoint }
        return assignments
    }

    // MARK: ToolDirectory

    func refreshable(_ toolID: ToolID) -> RefreshableTool? {
        guard let tool = contents.withLock({ $0.tools[toolID] }), tool.obstacle == nil, let client = tool.client
        else { return nil }
        return RefreshableTool(
            authentication: client.authentication, policy: client.policy, endpoint: client.endpoint,
            clientID: client.clientID, tokenOrigin: client.tokenOrigin,
            revokesSingleTokens: client.revocationScope == .token)
    }

    var endpoints: [EndpointID] { contents.withLock { $0.endpoints } }

    private static func index(_ tools: [Tool]) -> Contents {
        let ordered = tools.sorted { $0.id < $1.id }
        let endpoints = Set(ordered.compactMap { $0.obstacle == nil ? $0.client?.endpoint : nil }).sorted()
        let byID = Dictionary(ordered.map { ($0.id, $0) }) { first, _ in first }
        return Contents(tools: byID, ordered: ordered, endpoints: endpoints)
    }
}
