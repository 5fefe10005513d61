public import SocketAPI
public import ToolAuthCore

extension ToolAuthClient {
    /// Version, counts per tool and status, what is due, and the health of the token endpoints.
    public func status() async throws(ToolAuthClientError) -> StatusBody {
        try await value(of: .status())
    }

    /// Stops the refreshes of a tool until ``resumeTool(_:acceptingEndpoint:)``; valid tokens are handed out on.
    ///
    /// - Throws: problems `unknown-tool`, `tool-unavailable`, `store-unavailable`.
    public func pauseTool(_ toolID: ToolID) async throws(ToolAuthClientError) -> ToolBody {
        try await value(of: .pauseTool(toolID))
    }

    /// Lets a paused tool go on, whoever paused it.
    ///
    /// - Parameter acceptingEndpoint: its tokens came from another origin than its endpoint has now, and may be sent to
    ///   the new one.
    /// - Throws: problems `unknown-tool`, `tool-unavailable`, `store-unavailable`, and `tool-paused` where the origin
    ///   changed and was not accepted.
    public func resumeTool(
        _ toolID: ToolID, acceptingEndpoint: Bool = false
    ) async throws(ToolAuthClientError) -> ToolBody {
        try await value(of: .resumeTool(toolID, acceptingEndpoint: acceptingEndpoint))
    }

    /// Tries endpoint, TLS and client of a tool, without a user.
    ///
    /// - Throws: problems `unknown-tool`, `tool-unavailable`; what the provider answers is in the body.
    public func testTool(_ toolID: ToolID) async throws(ToolAuthClientError) -> ToolTestBody {
        try await value(of: .testTool(toolID))
    }

    /// Ends the hold of a store that was made on another machine or restored: this daemon refreshes from now on, and a
    /// daemon that goes on with the original would have its grants ended.
    ///
    /// - Throws: problem `store-unavailable`.
    public func resume() async throws(ToolAuthClientError) -> StatusBody {
        try await value(of: .resume())
    }

    /// Has the daemon take its configuration as it now stands on disk.
    ///
    /// - Throws: problem `invalid-configuration`, and then nothing changed.
    public func reload() async throws(ToolAuthClientError) -> ReloadBody {
        try await value(of: .reload())
    }

    /// All metrics in Prometheus' text format.
    public func metrics() async throws(ToolAuthClientError) -> String {
        try await value(of: .metrics())
    }

    /// Whether requests are served; `status` is `ok`, `degraded` or `failed`, and none of them is thrown.
    public func health() async throws(ToolAuthClientError) -> HealthBody {
        try await value(of: .health())
    }
}

extension APICall {
    package static func status() -> APICall where Value == StatusBody {
        APICall(APIRequest(.get, ["v1", "status"]), bodyLimit: listLimit)
    }

    package static func pauseTool(_ toolID: ToolID) -> APICall where Value == ToolBody {
        APICall(APIRequest(.post, ["v1", "tools", toolID.rawValue, "pause"]))
    }

    package static func resumeTool(
        _ toolID: ToolID, acceptingEndpoint: Bool
    ) throws(ToolAuthClientError) -> APICall where Value == ToolBody {
        let body = acceptingEndpoint ? try encoded(ResumeToolRequestBody(acceptEndpoint: true)) : nil
        // It waits for attempts under way at the former endpoint.
        return APICall(
            APIRequest(.post, ["v1", "tools", toolID.rawValue, "resume"], body: body),
            patience: acceptingEndpoint ? providerPatience : .zero)
    }

    package static func testTool(_ toolID: ToolID) -> APICall where Value == ToolTestBody {
        APICall(APIRequest(.post, ["v1", "tools", toolID.rawValue, "test"]), patience: providerPatience)
    }

    package static func resume() -> APICall where Value == StatusBody {
        APICall(APIRequest(.post, ["v1", "resume"]), bodyLimit: listLimit)
    }

    package static func reload() -> APICall where Value == ReloadBody {
        APICall(APIRequest(.post, ["v1", "reload"]), patience: providerPatience, bodyLimit: listLimit)
    }

    package static func metrics() -> APICall where Value == String {
        APICall(APIRequest(.get, ["metrics"]), bodyLimit: listLimit) { reply throws(ToolAuthClientError) in
            try checkSuccess(reply)
            return String(decoding: reply.body, as: UTF8.self)
        }
    }

    package static func health() -> APICall where Value == HealthBody {
        APICall(APIRequest(.get, ["healthz"])) { reply throws(ToolAuthClientError) in
            // 503 is an answer here, unless it is the daemon's refusal to talk at all.
            let isAnswer = reply.status == 503 && reply.head.mediaType != "application/problem+json"
            if !isAnswer { try checkSuccess(reply) }
            return try decoded(HealthBody.self, reply)
        }
    }
}
