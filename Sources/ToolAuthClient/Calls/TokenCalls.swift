public import SocketAPI
public import ToolAuthCore

extension ToolAuthClient {
    /// A valid access token, refreshed first where less than `minValidity` of it is left.
    ///
    /// ```swift
    /// let token = try await client.token(toolID: gmail, userID: alice, minValidity: .seconds(300))
    /// if let warning = token.warning { log.warning("\(warning.detail)") }
    /// ```
    ///
    /// - Parameters:
    ///   - minValidity: in whole seconds, rounded up; nil: 60 s.
    ///   - wait: how long the daemon may wait for a refresh where no valid token is at hand, in whole seconds, rounded
    ///     up, at most 60; nil: 10 s.
    /// - Throws: problems `not-connected` and `reauthorization-required` (the user must authorize), `refresh-pending`
    ///   and `provider-unreachable` (try again), and the others of the API.
    public func token(
        toolID: ToolID, userID: UserID, minValidity: Duration? = nil, wait: Duration? = nil
    ) async throws(ToolAuthClientError) -> TokenBody {
        try await value(of: .token(toolID, userID, minValidity: minValidity, wait: wait))
    }

    /// Refreshes now, or joins the refresh under way.
    ///
    /// - Parameter ifMatch: the generation of a token the provider refused. Where the stored one is newer, somebody
    ///   was faster: that record is the answer, and nothing is sent.
    /// - Throws: problems `refresh-too-soon`, `reauthorization-required`, `provider-unreachable` and others.
    public func refresh(
        toolID: ToolID, userID: UserID, ifMatch generation: Int64? = nil
    ) async throws(ToolAuthClientError) -> RecordBody {
        try await value(of: .refresh(toolID, userID, ifMatch: generation))
    }
}

extension APICall {
    package static func token(
        _ toolID: ToolID, _ userID: UserID, minValidity: Duration?, wait: Duration?
    ) -> APICall where Value == TokenBody {
        let query = [
            (name: "min_validity", value: minValidity.map { String(wholeSeconds($0)) }),
            (name: "wait", value: wait.map { String(wholeSeconds($0)) }),
        ]
        let request = APIRequest(.get, recordPath(toolID, userID) + ["token"], query: query)
        // Beyond 60 s the daemon refuses at once.
        return APICall(request, patience: min(max(wait ?? .seconds(10), .zero), .seconds(60)))
    }

    package static func refresh(
        _ toolID: ToolID, _ userID: UserID, ifMatch generation: Int64?
    ) -> APICall where Value == RecordBody {
        let condition = generation.map { RecordCondition.generation($0) } ?? .none
        let request = APIRequest(.post, recordPath(toolID, userID) + ["refresh"], fields: condition.fields)
        return APICall(request, patience: providerPatience)
    }
}
