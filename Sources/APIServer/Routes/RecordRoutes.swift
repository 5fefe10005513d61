import HTTPTypes
import SocketAPI
import ToolAuthCore

extension APIResponder {
    /// `GET`, `PUT`, `DELETE /v1/tools/{tool_id}/users/{user_id}`
    func toolAuth(_ key: ToolAuthKey, _ request: APIRequest) async throws -> Response {
        switch request.method {
        case .put: return try await importToolAuth(key, request)
        case .delete: return try await deleteToolAuth(key, request)
        default:
            _ = try request.query()
            try request.refuseBody()
            let record = try await service.toolAuth(key)
            return try .json(RecordBody(record), generation: record.generation)
        }
    }

    private func importToolAuth(_ key: ToolAuthKey, _ request: APIRequest) async throws -> Response {
        _ = try request.query()
        let precondition = try EntityTag.precondition(request.fields)
        let body = try JSONBody.decode(
            ImportBody.self, members: ImportBody.CodingKeys.self, from: request.body, request.fields)
        let result = try await service.importToolAuth(key, try ImportedTokens(body), precondition)
        return try .json(
            RecordBody(result.record), status: result.created ? .created : .ok, generation: result.record.generation)
    }

    private func deleteToolAuth(_ key: ToolAuthKey, _ request: APIRequest) async throws -> Response {
        try request.refuseBody()
        let revoke = try request.query("revoke").boolean("revoke") ?? true
        try await service.deleteToolAuth(key, try EntityTag.precondition(request.fields), revoke: revoke)
        return .noContent
    }
}
