import Refresh
import ToolAuthCore

/// A directory with one tool in it.
struct OneTool: ToolDirectory {
    let tool: RefreshableTool

    init(_ tool: RefreshableTool) { self.tool = tool }

    func refreshable(_ toolID: ToolID) -> RefreshableTool? { tool }
    var endpoints: [EndpointID] { [tool.endpoint] }
}
