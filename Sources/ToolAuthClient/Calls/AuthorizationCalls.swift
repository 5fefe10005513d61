public import SocketAPI
public import ToolAuthCore

extension ToolAuthClient {
    /// Begins a flow: `authURL` is where the user consents, `authorizationID` what ``authorization(_:)`` is asked with.
    ///
    /// ```swift
    /// let flow = try await client.authorize(toolID: gmail, userID: alice, .init(loginHint: "alice@example.com"))
    /// redirect(to: flow.authURL)
    /// ```
    ///
    /// - Throws: problems `unknown-tool`, `invalid-request` (an option the tool does not allow),
    ///   `no-authorization-needed`, `tool-unavailable`.
    public func authorize(
        toolID: ToolID, userID: UserID, _ options: AuthorizeRequestBody = AuthorizeRequestBody()
    ) async throws(ToolAuthClientError) -> AuthorizeResponseBody {
        try await value(of: .authorize(toolID, userID, options))
    }

    /// How a flow stands. One that ended is remembered for some minutes.
    ///
    /// - Throws: problem `unknown-authorization`.
    public func authorization(_ id: String) async throws(ToolAuthClientError) -> AuthorizationBody {
        try await value(of: .authorization(id))
    }

    /// Ends a flow nobody will complete.
    ///
    /// - Throws: problem `unknown-authorization`.
    public func cancelAuthorization(_ id: String) async throws(ToolAuthClientError) {
        try await value(of: .cancelAuthorization(id))
    }

    /// Completes a flow with what the browser brought to the redirect URI. Works once for each flow.
    ///
    /// Fill the expected ids from the session of whoever brings the URL, so that nobody completes somebody else's flow:
    ///
    /// ```swift
    /// let done = try await client.callback(url: request.url, expectedToolID: gmail, expectedUserID: session.user)
    /// redirect(to: done.redirectTo ?? "/settings")
    /// ```
    ///
    /// - Throws: problems `invalid-callback`, `provider-error`, `provider-unreachable` (the user starts again).
    public func callback(
        url: String, expectedToolID: ToolID? = nil, expectedUserID: UserID? = nil
    ) async throws(ToolAuthClientError) -> CallbackResponseBody {
        try await callback(
            CallbackRequestBody(
                url: url, expectedUserID: expectedUserID?.rawValue, expectedToolID: expectedToolID?.rawValue))
    }

    /// Completes a flow, as ``callback(url:expectedToolID:expectedUserID:)`` does, with the parameters themselves.
    public func callback(_ body: CallbackRequestBody) async throws(ToolAuthClientError) -> CallbackResponseBody {
        try await value(of: .callback(body))
    }
}

extension APICall {
    package static func authorize(
        _ toolID: ToolID, _ userID: UserID, _ options: AuthorizeRequestBody
    ) throws(ToolAuthClientError) -> APICall where Value == AuthorizeResponseBody {
        let request = APIRequest(.post, recordPath(toolID, userID) + ["authorize"], body: try encoded(options))
        return APICall(request, patience: providerPatience)
    }

    package static func authorization(_ id: String) -> APICall where Value == AuthorizationBody {
        APICall(APIRequest(.get, ["v1", "authorizations", id]))
    }

    package static func cancelAuthorization(_ id: String) -> APICall where Value == Void {
        APICall(APIRequest(.delete, ["v1", "authorizations", id]), read: checkSuccess)
    }

    package static func callback(
        _ body: CallbackRequestBody
    ) throws(ToolAuthClientError) -> APICall where Value == CallbackResponseBody {
        APICall(APIRequest(.post, ["v1", "callback"], body: try encoded(body)), patience: providerPatience)
    }

    /// The path of one grant.
    static func recordPath(_ toolID: ToolID, _ userID: UserID) -> [String] {
        ["v1", "tools", toolID.rawValue, "users", userID.rawValue]
    }
}
