import HTTPTypes
import ToolAuthCore

extension Resource {
    /// What access rules call `method` on it; nil: no rule is asked.
    func action(for method: HTTPTypes.HTTPRequest.Method) -> Action? {
        switch self {
        case .authorize, .authorization: .authorize
        case .callback: .callback
        case .token: .token
        case .refresh: .refresh
        case .toolAuth: method == .put ? .import : method == .delete ? .delete : .read
        case .tools, .providers, .provider, .toolAuths: .read
        case .pauseTool, .resumeTool, .testTool, .resume, .reload, .backup, .keys, .masterKey, .keyRotation:
            .admin
        case .events: .events
        case .status: .status
        case .metrics: .metrics
        case .health, .openAPI: nil
        }
    }

    /// The tool it is about; nil: none in particular.
    var toolID: ToolID? {
        switch self {
        case .pauseTool(let toolID), .resumeTool(let toolID), .testTool(let toolID): toolID
        default: key?.toolID
        }
    }

    /// The grant it is about; nil: none in particular.
    var key: ToolAuthKey? {
        switch self {
        case .authorize(let key), .token(let key), .refresh(let key), .toolAuth(let key): key
        case .authorization, .callback, .tools, .providers, .provider, .pauseTool, .resumeTool, .testTool, .toolAuths,
            .events, .status, .resume, .reload, .backup, .keys, .masterKey, .keyRotation, .metrics, .health,
            .openAPI:
            nil
        }
    }
}
