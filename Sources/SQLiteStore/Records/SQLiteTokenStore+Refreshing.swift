import GRDB
package import ToolAuthCore

extension SQLiteTokenStore {
    package func claim(_ key: ToolAuthKey, _ attempt: Attempt) async throws(StoreError) -> ToolAuth? {
        try await writes.perform { [sealer] db in
            let table = RecordTable(db: db, sealer: sealer)
            guard var toolAuth = try table.toolAuth(key) else { return nil }
            try table.begin(attempt, for: key)
            try table.noteWrite(at: attempt.startedAt)
            toolAuth.record.attempt = attempt
            return toolAuth
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
                next.generation = try table.nextGeneration()
                try table.upsert(
                    ToolAuth(record: next, accessToken: toolAuth.accessToken, refreshToken: toolAuth.refreshToken))
            } else {
                next.generation = former.generation
                // Tokens that did not open tell nothing of the grant: it is not declared dead on their account.
                let isOpened = toolAuth.refreshToken != nil || !former.hasRefreshToken
                next.status = next.status.storable(former: former.status, mayEnd: isOpened)
                try table.update(next)
            }
            try table.noteWrite(at: next.updatedAt)
            return .stored(
                ToolAuth(record: next, accessToken: toolAuth.accessToken, refreshToken: toolAuth.refreshToken))
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
