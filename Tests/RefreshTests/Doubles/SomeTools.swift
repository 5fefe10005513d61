import Refresh
import ToolAuthCore

/// A directory of the tools that a test puts into it.
final class SomeTools: ToolDirectory {
    private let state = Locked<(tools: [ToolID: RefreshableTool], pauses: [ToolID: ToolPause])>(([:], [:]))

    init(_ tools: [RefreshableTool]) {
        for tool in tools { set(tool) }
    }

    func set(_ tool: RefreshableTool) {
        state.withLock { $0.tools[tool.authentication.toolID] = tool }
    }

    func remove(_ toolID: ToolID) {
        state.withLock { $0.tools[toolID] = nil }
    }

    func refreshable(_ toolID: ToolID) -> RefreshableTool? { state.withLock { $0.tools[toolID] } }
    var refreshableTools: [ToolID] { state.withLock { Array($0.tools.keys) } }

    func setPause(_ toolID: ToolID, _ pause: ToolPause?) { state.withLock { $0.pauses[toolID] = pause } }
    func pause(of toolID: ToolID) -> ToolPause? { state.withLock { $0.pauses[toolID] } }
}
