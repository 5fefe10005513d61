import HTTPTypes

extension Resource {
    /// What metrics call `method` on it: method and path, with the names of ids for the ids. Of a method it does not answer
    /// to, as of a path that names nothing: nil.
    func route(for method: HTTPTypes.HTTPRequest.Method) -> String? {
        guard methods.contains(method) else { return nil }
        return switch self {
        case .authorize: "POST /v1/tools/{tool_id}/users/{user_id}/authorize"
        case .authorization:
            method == .delete
                ? "DELETE /v1/authorizations/{authorization_id}" : "GET /v1/authorizations/{authorization_id}"
        case .callback: "POST /v1/callback"
        case .token: "GET /v1/tools/{tool_id}/users/{user_id}/token"
        case .refresh: "POST /v1/tools/{tool_id}/users/{user_id}/refresh"
        case .toolAuth:
            switch method {
            case .put: "PUT /v1/tools/{tool_id}/users/{user_id}"
            case .delete: "DELETE /v1/tools/{tool_id}/users/{user_id}"
            default: "GET /v1/tools/{tool_id}/users/{user_id}"
            }
        case .tools: "GET /v1/tools"
        case .providers: "GET /v1/providers"
        case .provider: "GET /v1/providers/{name}"
        case .pauseTool: "POST /v1/tools/{tool_id}/pause"
        case .resumeTool: "POST /v1/tools/{tool_id}/resume"
        case .testTool: "POST /v1/tools/{tool_id}/test"
        case .toolAuths: "GET /v1/auths"
        case .events: "GET /v1/events"
        case .status: "GET /v1/status"
        case .resume: "POST /v1/resume"
        case .reload: "POST /v1/reload"
        case .backup: "GET /v1/backup"
        case .keys: method == .post ? "POST /v1/keys" : "GET /v1/keys"
        case .masterKey: "DELETE /v1/keys/{key_id}"
        case .keyRotation: method == .post ? "POST /v1/key-rotation" : "GET /v1/key-rotation"
        case .metrics: "GET /metrics"
        case .health: "GET /healthz"
        case .openAPI: "GET /v1/openapi.json"
        }
    }
}
