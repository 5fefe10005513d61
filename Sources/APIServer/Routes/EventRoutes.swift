import HTTPTypes
import NIOCore
import Telemetry
import ToolAuthCore

extension APIResponder {
    /// `GET /v1/events[?tool_id=&user_id=]`: a stream that ends with the client, with the daemon, with his right to it, or with a
    /// reader who falls too far behind.
    ///
    /// - Parameter closed: succeeds when the client is gone.
    func followEvents(
        _ request: APIRequest, _ client: ConnectedClient, closed: EventLoopFuture<Void>
    ) async throws(ToolAuthError) -> Response {
        try request.refuseBody()
        let query = try request.query("tool_id", "user_id")
        let (toolID, userID) = (try query.toolID, try query.userID)
        _ = try await client.client.check(.events, toolID: toolID, userID: userID)
        guard let events else { throw ToolAuthError(.notFound, "There are no events to follow here.") }
        // An id that is none of ours is as unknown as one that is forgotten.
        let lastID = request.fields.lastEventID.map { Int64($0) ?? -1 }
        let follower = events.follow(after: lastID)
        closed.whenComplete { _ in follower.cancel() }
        var response = Response(status: .ok, headers: .always)
        response.headers[.contentType] = EventStreamText.contentType
        response.body = .stream { writer in
            var text = EventStreamText.opening(at: follower.position)
            if follower.isReset { text += EventStreamText.reset(at: follower.position) }
            try await writer.write(ByteBuffer(string: text))
            while let entries = await follower.next() {
                // The rules may have changed since; who may not follow any more sees nothing further.
                guard let rule = try? await client.client.check(.events, toolID: toolID, userID: userID) else { return }
                let shown = entries.filter { $0.event.isShown(in: rule.scope, toolID: toolID, userID: userID) }
                guard !shown.isEmpty else { continue }
                for part in try await self.parts(of: shown) { try await writer.write(ByteBuffer(string: part)) }
            }
        }
        return response
    }

    /// Their text, in parts of some 64 KiB: each goes as a chunk, and clients take none of any length.
    private func parts(of entries: [EventHistory.Entry]) async throws -> [String] {
        var tools: [ToolID: ToolSummary] = [:]
        if entries.contains(where: { $0.event.record == nil && $0.event.toolID != nil }) {
            for tool in try await service.tools(for: nil, in: .all) { tools[tool.toolID] = tool }
        }
        var (parts, part) = ([String](), "")
        for entry in entries {
            let text = try EventStreamText.event(entry) { tools[$0] }
            if !part.isEmpty, part.utf8.count + text.utf8.count > 1 << 16 {
                parts.append(part)
                part = ""
            }
            part += text
        }
        return parts + [part]
    }
}

extension ToolAuthEvent {
    /// Whether somebody with this scope, who asks for this tool and user, gets to see it. Events of tools have no user: who
    /// asks for one does not ask for them.
    func isShown(in scope: AccessScope, toolID wantedTool: ToolID?, userID wantedUser: UserID?) -> Bool {
        guard let eventTool = toolID else { return wantedTool == nil && wantedUser == nil }
        guard scope.covers(eventTool), wantedTool == nil || wantedTool == eventTool else { return false }
        guard let userID = record?.userID else { return wantedUser == nil }
        return scope.covers(userID) && (wantedUser == nil || wantedUser == userID)
    }
}

extension HTTPFields {
    /// Where a reader of events stopped (HTML Living Standard, 9.2.4).
    fileprivate var lastEventID: String? { first { $0.name.canonicalName == "last-event-id" }?.value }
}
