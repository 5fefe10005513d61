import Refresh
import Telemetry
import ToolAuthCore

extension LiveToolAuthService {
    func getToken(_ key: ToolAuthKey, _ query: TokenQuery) async throws(ToolAuthError) -> IssuedToken {
        let tool = try tools.tool(key.toolID)
        // Without a configuration it is not known what may be handed out, nor whether it still should be.
        if tool.client == nil, let obstacle = tool.obstacle { throw obstacle.error }
        let found = try await load(key, tool)
        let toolAuth = ToolAuth(
            record: seen(found.record, tool.client), accessToken: found.accessToken, refreshToken: found.refreshToken)
        let (record, now) = (toolAuth.record, clock.now)
        switch reading(record, tool, at: now).decide(record, query) {
        case .serve(let warning):
            let token = try issue(toolAuth, at: now, warning)
            if tool.client?.policy.eagerness == .active { await engine.used(found.record) }
            return token
        case .fail(let error):
            throw error
        case .refresh(let fallback, let isValid):
            let result = await wait(query.wait) {
                await engine.refresh(key, .read(generation: record.generation))
            }
            if case .refreshed(let fresh) = result {
                guard tool.client?.handsOut(fresh.record.tokenType) == true else { throw .unusableType(fresh.record) }
                let token = try issue(fresh, at: clock.now, nil)
                if tool.client?.policy.eagerness == .active { await engine.used(fresh.record) }
                return token
            }
            if isValid, let stillValid = try? issue(toolAuth, at: clock.now, fallback) {
                return withWarning(stillValid, after: result)
            }
            throw refreshError(key, result)
        }
    }

    private func load(_ key: ToolAuthKey, _ tool: Tool) async throws(ToolAuthError) -> ToolAuth {
        if let found = try await stored({ () async throws(StoreError) in try await store.load(key) }) { return found }
        guard let client = tool.client, client.policy.needsNoUser else { throw notConnected(key) }
        return try await begin(key, tool, client)
    }

    func tokenAtHand(_ key: ToolAuthKey, _ query: TokenQuery) -> IssuedToken? {
        guard let tool = try? tools.tool(key.toolID), tool.client?.policy.eagerness != .active,
            let found = store.recentlyLoaded(key)
        else { return nil }
        let (record, now) = (seen(found.record, tool.client), clock.now)
        guard case .serve(let warning) = reading(record, tool, at: now).decide(record, query) else { return nil }
        return try? issue(
            ToolAuth(record: record, accessToken: found.accessToken, refreshToken: nil), at: now, warning)
    }

    private func reading(_ record: ToolAuthRecord, _ tool: Tool, at now: Timestamp) -> TokenReading {
        TokenReading(
            policy: tool.client?.policy ?? RefreshPolicy(), obstacle: obstacle(to: record, tool),
            isUsableType: tool.client?.handsOut(record.tokenType) ?? false, now: now)
    }

    /// - Throws: an error if there is no token to hand out any more.
    private func issue(
        _ toolAuth: ToolAuth, at now: Timestamp, _ warning: TokenWarning?
    ) throws(ToolAuthError) -> IssuedToken {
        let remaining = toolAuth.record.remainingLife(at: now)
        guard let token = toolAuth.accessToken, remaining.map({ $0 > .zero }) ?? true else {
            var error = ToolAuthError(.refreshPending, "The token ended; a refresh is under way.")
            error.retryAfter = .seconds(1)
            throw error
        }
        numbers.tokenIssued(tool: toolAuth.record.toolID)
        return IssuedToken(accessToken: token, record: toolAuth.record, expiresIn: remaining, warning: warning)
    }

    /// A refresh that failed is a stronger warning than a short life.
    private func withWarning(_ token: IssuedToken, after result: RefreshResult?) -> IssuedToken {
        let warning: TokenWarning
        switch result {
        case .failed(let toolAuth, let outcome):
            if let reason = toolAuth.record.status.reason {
                warning = TokenWarning(
                    .reauthorizationRequired, "The user must connect the tool again (\(reason.rawValue)).")
            } else {
                warning = TokenWarning(.refreshFailed, outcome.failure?.detail ?? "The refresh failed.")
            }
        case .toolPaused(let pause):
            warning = TokenWarning(.toolPaused, pause.detail)
        case .onHold(let hold):
            warning = TokenWarning(.held, hold.sentence)
        case .held, .storeUnavailable, .toolUnavailable, .stopping, .gone:
            warning = TokenWarning(.refreshFailed, "No refresh could be made now.")
        case .refreshed, .abandoned, nil:
            return token
        }
        return IssuedToken(
            accessToken: token.accessToken, record: token.record, expiresIn: token.expiresIn, warning: warning)
    }

    /// Waits for `operation` no longer than `limit`; nil: it is not over yet.
    func wait(
        _ limit: Duration, for operation: @escaping @Sendable () async -> RefreshResult
    ) async -> RefreshResult? {
        await withTaskGroup(of: RefreshResult?.self) { group in
            group.addTask { await operation() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
