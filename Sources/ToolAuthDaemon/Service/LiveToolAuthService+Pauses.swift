import Refresh
import ToolAuthCore

extension LiveToolAuthService {
    func pauseTool(_ toolID: ToolID) async throws(ToolAuthError) -> ToolSummary {
        let tool = try tools.tool(toolID)
        let pause = ToolPause(
            .administrator, detail: "An administrator paused it; to go on: toolauthctl tools resume \(toolID)",
            since: clock.now)
        try await setPause(toolID, pause)
        // Said once: pausing again changes nothing.
        if tool.obstacle?.isPaused != true { tell(.toolPaused, toolID, "An administrator paused it.") }
        return summary(try tools.tool(toolID), isAuthRequired: nil)
    }

    func resumeTool(_ toolID: ToolID, acceptingEndpoint: Bool) async throws(ToolAuthError) -> ToolSummary {
        let tool = try tools.tool(toolID)
        if tool.awaitsEndpoint, !acceptingEndpoint {
            throw tool.obstacle?.error ?? ToolAuthError(.toolPaused, "\(toolID) is paused.")
        }
        if acceptingEndpoint {
            try await changes.run { () async throws(ToolAuthError) in try await acceptEndpoint(of: toolID) }
        }
        try await setPause(toolID, nil)
        if tool.obstacle?.isPaused == true { tell(.toolResumed, toolID, "An administrator let it go on.") }
        return summary(try tools.tool(toolID), isAuthRequired: nil)
    }

    func resume() async throws(ToolAuthError) -> ServiceStatus {
        try await stored { () async throws(StoreError) in try await engine.resume() }
        await revocations.wake()
        return try await status(in: .all)
    }

    /// For a ``ChangeQueue``: a reload meanwhile may have put another client in its place.
    private func acceptEndpoint(of toolID: ToolID) async throws(ToolAuthError) {
        let tool = try tools.tool(toolID)
        // Where each grant has an endpoint of its own, there is none that all may be sent to.
        guard let client = tool.client, client.sharesEndpoint else { return }
        let present = try await client.origin()
        // One that began before the tool paused ends with tokens of the former endpoint.
        await engine.attemptsEnded(of: toolID)
        try await stored { () async throws(StoreError) in
            let bindings = try await store.bindings()[tool.id] ?? [:]
            for origin in tool.foreignOrigins(in: bindings, present: present) {
                try await store.moveTokens(of: tool.id, from: origin, to: present)
            }
            guard tool.awaitsEndpoint else { return }
            tools.replace(tool.acceptingEndpoint)
            try await engine.reconfigure()
        }
    }

    private func setPause(_ toolID: ToolID, _ pause: ToolPause?) async throws(ToolAuthError) {
        try await stored { () async throws(StoreError) in try await engine.setPause(toolID, pause) }
    }

    private func tell(_ kind: ToolAuthEvent.Kind, _ toolID: ToolID, _ detail: String) {
        events.emit(ToolAuthEvent(kind, at: clock.now, toolID: toolID, detail: detail))
    }
}

extension StoreHold {
    /// Why nothing is refreshed, in a clause.
    var reason: String {
        switch self {
        case .foreignMachine: "the store was made on another machine"
        case .restored: "the store was restored from a backup"
        }
    }

    /// Why nothing is refreshed, and what to do.
    var sentence: String {
        switch self {
        case .foreignMachine:
            "The store was made on another machine; if that one still runs, the two would end each other's grants. If it does not: toolauthctl resume"
        case .restored:
            "The store was restored from a backup; if its original still runs, the two would end each other's grants. If it does not: toolauthctl resume"
        }
    }
}

extension ToolObstacle {
    init(_ hold: StoreHold) {
        self.init(isPaused: true, isHeld: true, detail: hold.sentence)
    }
}
