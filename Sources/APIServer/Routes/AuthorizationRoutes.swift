import HTTPTypes
import SocketAPI
import ToolAuthCore

extension APIResponder {
    /// `POST /v1/tools/{tool_id}/users/{user_id}/authorize`
    func authorize(_ key: ToolAuthKey, _ request: APIRequest) async throws -> Response {
        _ = try request.query()
        let body = try JSONBody.decode(
            AuthorizeRequestBody.self, members: AuthorizeRequestBody.CodingKeys.self, from: request.body,
            request.fields, isOptional: true)
        let options = AuthURLOptions(
            scopes: body.scopes, redirectURI: body.redirectURI, frontendRedirect: body.frontendRedirect,
            loginHint: body.loginHint, prompt: body.prompt, connection: body.connection ?? [:],
            extraParameters: body.extraParams ?? [:])
        let pending = try await service.getAuthURL(key, options: options)
        return try .json(AuthorizeResponseBody(pending), status: .created)
    }

    /// `GET`, `DELETE /v1/authorizations/{authorization_id}`
    func authorization(_ id: String, _ request: APIRequest, _ rule: AccessRule) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        if request.method == .delete {
            try await service.cancelAuthorization(id, in: rule.scope)
            return .noContent
        }
        return try .json(AuthorizationBody(try await service.authorization(id, in: rule.scope)))
    }

    /// `POST /v1/callback`
    func callback(_ request: APIRequest, _ rule: AccessRule) async throws -> Response {
        _ = try request.query()
        let body = try JSONBody.decode(
            CallbackRequestBody.self, members: CallbackRequestBody.CodingKeys.self, from: request.body, request.fields)
        let toolID = try body.expectedToolID.map { text throws(ToolAuthError) in
            try ToolID.parse(text, field: "expected_tool_id")
        }
        let userID = try body.expectedUserID.map { text throws(ToolAuthError) in
            try UserID.parse(text, field: "expected_user_id")
        }
        let completed = try await service.retrieveAuthToken(
            try Callback(body), expectedToolID: toolID, expectedUserID: userID, in: rule.scope)
        return try .json(
            CallbackResponseBody(record: RecordBody(completed.record), redirectTo: completed.redirectTo),
            generation: completed.record.generation)
    }
}

extension Callback {
    /// - Throws: `invalid-request` for a body with both a URL and parameters; else as ``init(url:)``.
    init(_ body: CallbackRequestBody) throws(ToolAuthError) {
        let parameters = [
            "code": body.code, "state": body.state, "iss": body.iss, "error": body.error,
            "error_description": body.errorDescription,
        ].compactMapValues(\.self)
        guard let url = body.url else {
            try self.init(parameters: parameters)
            return
        }
        guard parameters.isEmpty else {
            throw .invalidRequest(field: "url", "Send either the URL or its parameters, not both.")
        }
        try self.init(url: url)
    }
}
