import GRDB
package import ToolAuthCore

extension SQLiteTokenStore {
    package func claim(_ key: ToolAuthKey, _ attempt: Attempt) async throws(StoreError) -> ToolAuth? {
        try await writes.perform { [sealer] db in
            let table = RecordTable(db: db, sealer: sealer)
            guard let found = try table.row(key) else { return nil }
            try table.begin(attempt, inRow: found.id)
            try table.noteWrite(at: attempt.startedAt)
            var claimed = found.toolAuth
            claimed.record.attempt = attempt
            return claimed
        }
    }

    package func commit(
        _ toolAuth: ToolAuth, ending attempt: String?, ifGeneration generation: Int64, tokensChanged: Bool
    ) async throws(StoreError) -> CommitResult {
        try await writes.perform { [sealer] db in
            let table = RecordTable(db: db, sealer: sealer)
            guard let former = try table.standing(toolAuth.key) else { return .superseded(nil) }
            guard former.generation == generation, former.attemptID == attempt else {
                return .superseded(try table.toolAuth(toolAuth.key))
            }
            var next = toolAuth.record
            next.attempt = nil
            if tokensChanged {
                next.status = next.status.storable(former: former.status)
                next.generation = try table.nextGeneration(at: next.updatedAt)
            } else {
                next.generation = former.generation
                // And so does whose they are, which an administrator may have changed meanwhile.
                (next.clientID, next.tokenOrigin) = (former.clientID, former.tokenOrigin)
                // Tokens that did not open tell nothing of the grant: it is not declared dead on their account.
                let isOpened = toolAuth.refreshToken != nil || !former.hasRefreshToken
                next.status = next.status.storable(former: former.status, mayEnd: isOpened)
                try table.noteWrite(at: next.updatedAt)
            }
            let ended = ToolAuth(record: next, accessToken: toolAuth.accessToken, refreshToken: toolAuth.refreshToken)
            try table.end(ended, over: former, tokensChanged: tokensChanged)
            return .stored(ended)
        }
    }
}

extension ToolAuthStatus {
    /// What of this status may be written: the computed reasons never are, since they heal by themselves; what was stored
    /// before stays then.
    ///
    /// - Parameter mayEnd: Whether any reason may be written.
    func storable(former: ToolAuthStatus?, mayEnd: Bool = true) -> ToolAuthStatus {
        switch reason {
        case nil: self
        case .undecryptable, .configurationChanged: former ?? .healthy
        case .grantRejected, .replyLost, .expiredUnrefreshable: mayEnd ? self : former ?? .healthy
        }
    }
}
