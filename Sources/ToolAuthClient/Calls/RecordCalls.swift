public import SocketAPI
public import ToolAuthCore

/// The outcome of an import.
public struct ImportedRecord: Sendable, Equatable {
    public let record: RecordBody
    /// Whether there was no record before.
    public let created: Bool
}

extension ToolAuthClient {
    /// What is known of a grant, without its tokens.
    ///
    /// - Throws: problems `unknown-tool`, `not-connected`.
    public func record(toolID: ToolID, userID: UserID) async throws(ToolAuthClientError) -> RecordBody {
        try await value(of: .record(toolID, userID))
    }

    /// Takes over tokens obtained elsewhere, replacing what is stored.
    ///
    /// ```swift
    /// let tokens = ImportBody(refreshToken: old.refreshToken, scope: old.scope)
    /// try await client.importTokens(tokens, toolID: gmail, userID: alice, .absent)
    /// ```
    ///
    /// - Throws: problems `unknown-tool`, `invalid-request`, `generation-mismatch`.
    @discardableResult
    public func importTokens(
        _ tokens: ImportBody, toolID: ToolID, userID: UserID, _ condition: RecordCondition = .none
    ) async throws(ToolAuthClientError) -> ImportedRecord {
        try await value(of: .importTokens(try encoded(tokens), toolID, userID, condition))
    }

    /// Forgets a grant durably, and has it revoked at the provider afterwards unless `revoke` is false.
    ///
    /// - Throws: problems `unknown-tool`, `not-connected`, `generation-mismatch`, `store-unavailable`.
    public func delete(
        toolID: ToolID, userID: UserID, revoke: Bool = true, _ condition: RecordCondition = .none
    ) async throws(ToolAuthClientError) {
        try await value(of: .delete(toolID, userID, revoke: revoke, condition))
    }
}

extension APICall {
    package static func record(_ toolID: ToolID, _ userID: UserID) -> APICall where Value == RecordBody {
        APICall(APIRequest(.get, recordPath(toolID, userID)))
    }

    /// - Parameter body: the JSON of an ``ImportBody``.
    package static func importTokens(
        _ body: [UInt8], _ toolID: ToolID, _ userID: UserID, _ condition: RecordCondition
    ) -> APICall where Value == ImportedRecord {
        let request = APIRequest(.put, recordPath(toolID, userID), fields: condition.fields, body: body)
        return APICall(request) { reply throws(ToolAuthClientError) in
            try checkSuccess(reply)
            return ImportedRecord(record: try decoded(RecordBody.self, reply), created: reply.status == 201)
        }
    }

    package static func delete(
        _ toolID: ToolID, _ userID: UserID, revoke: Bool, _ condition: RecordCondition
    ) -> APICall where Value == Void {
        let request = APIRequest(
            .delete, recordPath(toolID, userID), query: [(name: "revoke", value: revoke ? nil : "false")],
            fields: condition.fields)
        return APICall(request, read: checkSuccess)
    }
}
