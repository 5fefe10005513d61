import HTTPTypes
import SocketAPI
import ToolAuthCore

extension APIResponder {
    /// `POST /v1/tools/{tool_id}/pause`
    func pauseTool(_ toolID: ToolID, _ request: APIRequest) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        return try .json(ToolBody(try await service.pauseTool(toolID)))
    }

    /// `POST /v1/tools/{tool_id}/resume`
    func resumeTool(_ toolID: ToolID, _ request: APIRequest) async throws -> Response {
        _ = try request.query()
        let body = try JSONBody.decode(
            ResumeToolRequestBody.self, members: ResumeToolRequestBody.CodingKeys.self, from: request.body,
            request.fields, isOptional: true)
        return try .json(
            ToolBody(try await service.resumeTool(toolID, acceptingEndpoint: body.acceptEndpoint ?? false)))
    }

    /// `POST /v1/tools/{tool_id}/test`
    func testTool(_ toolID: ToolID, _ request: APIRequest) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        let test = try await service.testTool(toolID)
        return try .json(
            ToolTestBody(
                toolID: test.toolID.rawValue, reachable: test.isReachable, clientAccepted: test.acceptsClient,
                detail: test.detail))
    }

    /// `POST /v1/resume`
    func resume(_ request: APIRequest) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        return try .json(StatusBody(try await service.resume()))
    }

    /// `POST /v1/reload`
    func reload(_ request: APIRequest) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        let report = try await service.reload()
        return try .json(
            ReloadBody(
                added: report.added.map(\.rawValue), changed: report.changed.map(\.rawValue),
                removed: report.removed.map(\.rawValue), settings: report.settings,
                restartRequired: report.restartRequired, problems: report.problems))
    }
}
