import FoundationEssentials
import GRDB
import ToolAuthCore

/// The statements on `tool_auths`, each inside the transaction of its caller.
struct RecordTable {
    let db: Database
    let sealer: Sealer

    // MARK: Reading

    private static let recordStatement =
        "SELECT \(RecordColumns.selection) FROM tool_auths WHERE tool_id = ? AND user_id = ?"

    func record(_ key: ToolAuthKey) throws -> ToolAuthRecord? {
        let statement = try db.cachedStatement(sql: Self.recordStatement)
        try statement.bind { $0.bind(key) }
        return try statement.first { try ToolAuthRecord(&$0) }
    }

    /// With its tokens opened, or `undecryptable` if one of them does not open.
    func toolAuth(_ key: ToolAuthKey) throws -> ToolAuth? { try row(key)?.toolAuth }

    private static let rowStatement = """
        SELECT \(RecordColumns.selection), id, access_token, refresh_token FROM tool_auths
        WHERE tool_id = ? AND user_id = ?
        """

    /// As ``toolAuth(_:)``, with the id of its row.
    func row(_ key: ToolAuthKey) throws -> (id: Int64, toolAuth: ToolAuth)? {
        let statement = try db.cachedStatement(sql: Self.rowStatement)
        try statement.bind { $0.bind(key) }
        return try statement.first { columns in
            let record = try ToolAuthRecord(&columns)
            let id = try columns.integer()
            let toolAuth = sealer.openTokens(
                of: record, access: columns.blobIfAny(), refresh: columns.blobIfAny(),
                in: .toolAuth(record.key, .accessToken))
            return (id, toolAuth)
        }
    }

    /// What the end of an attempt is compared with, and written over.
    struct Standing {
        let row: Int64
        let generation: Int64
        let attemptID: String?
        let hasRefreshToken: Bool
        let status: ToolAuthStatus
        let clientID: String
        let tokenOrigin: String

        /// Whether a record has other values in ``RecordColumns/watched``.
        func isWatchedChange(_ record: ToolAuthRecord) -> Bool {
            record.status.name != status.name || record.clientID != clientID || record.tokenOrigin != tokenOrigin
        }
    }

    private static let standingStatement = """
        SELECT id, generation, attempt_id, refresh_token NOTNULL, status, reason, client_id, token_origin
        FROM tool_auths WHERE tool_id = ? AND user_id = ?
        """

    func standing(_ key: ToolAuthKey) throws -> Standing? {
        let statement = try db.cachedStatement(sql: Self.standingStatement)
        try statement.bind { $0.bind(key) }
        return try statement.first { columns in
            Standing(
                row: try columns.integer(), generation: try columns.integer(), attemptID: columns.textIfAny(),
                hasRefreshToken: try columns.flag(), status: try columns.status(), clientID: try columns.text(),
                tokenOrigin: try columns.text())
        }
    }

    // MARK: Writing

    /// The next of the store's one sequence. Drawn in the transaction that uses it, so that it is as durable as its use.
    ///
    /// - Parameter instant: of the write that it is drawn for, as ``noteWrite(at:)`` notes it.
    func nextGeneration(at instant: Timestamp) throws -> Int64 {
        // Two statements: for a RETURNING, SQLite makes a table that it throws away.
        try db.cachedStatement(
            sql: """
                UPDATE store_state SET generation = generation + 1, last_write_at = max(coalesce(last_write_at, ?1), ?1)
                """
        ).run { $0.bind(instant) }
        let statement = try db.cachedStatement(sql: "SELECT generation FROM store_state")
        try statement.bind { _ in }
        guard let generation = try statement.first({ try $0.integer() }) else { throw UnreadableValue() }
        return generation
    }

    private static let upsertStatement: String = {
        let columns = ["tool_id", "user_id", "created_at", "access_token", "refresh_token"] + RecordColumns.written
        let replaced = columns.dropFirst(3).map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        return """
            INSERT INTO tool_auths (\(columns.joined(separator: ", ")))
            VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
            ON CONFLICT (tool_id, user_id) DO UPDATE SET \(replaced)
            """
    }()

    /// Inserts or replaces record and tokens; an older row keeps its `created_at`.
    func upsert(_ toolAuth: ToolAuth) throws {
        try db.cachedStatement(sql: Self.upsertStatement).run { values in
            let record = toolAuth.record
            values.bind(record.key)
            values.bind(record.createdAt)
            try bindTokens(of: toolAuth, to: &values)
            try RecordColumns.bind(record, to: &values)
        }
    }

    /// Notes that something was written at `instant`, so that a clock that was ahead is noticed later.
    func noteWrite(at instant: Timestamp) throws {
        try db.cachedStatement(
            sql: "UPDATE store_state SET last_write_at = ?1 WHERE last_write_at IS NULL OR last_write_at < ?1"
        ).run { $0.bind(instant) }
    }

    /// Writes down that an attempt begins; while it is under way the record is not due.
    func begin(_ attempt: Attempt, inRow id: Int64) throws {
        try db.cachedStatement(
            sql: "UPDATE tool_auths SET attempt_id = ?, attempt_started_at = ?, due_at = NULL WHERE id = ?"
        ).run { values in
            values.bind(attempt.id)
            values.bind(attempt.startedAt)
            values.bind(id)
        }
    }

    /// For each of the two that an end may leave as they are.
    private static let endStatements = [false, true].map { changesTokens in
        [false, true].map { changesWatched in
            update(
                (changesTokens ? ["access_token", "refresh_token"] : [])
                    + (changesWatched ? RecordColumns.watched : []) + RecordColumns.unwatched, where: "id = ?")
        }
    }

    /// Writes the end of an attempt over a row that stands as it was found in this transaction.
    ///
    /// - Parameter tokensChanged: Seals and writes the tokens; else they stay.
    func end(_ toolAuth: ToolAuth, over former: Standing, tokensChanged: Bool) throws {
        let changesWatched = former.isWatchedChange(toolAuth.record)
        let sql = Self.endStatements[tokensChanged ? 1 : 0][changesWatched ? 1 : 0]
        try db.cachedStatement(sql: sql).run { values in
            if tokensChanged { try bindTokens(of: toolAuth, to: &values) }
            if changesWatched { RecordColumns.bindWatched(toolAuth.record, to: &values) }
            try RecordColumns.bindUnwatched(toolAuth.record, to: &values)
            values.bind(former.row)
        }
    }

    private static let updateStatement = update(RecordColumns.written, where: "tool_id = ? AND user_id = ?")

    /// Writes the record; tokens stay.
    func update(_ record: ToolAuthRecord) throws {
        try db.cachedStatement(sql: Self.updateStatement).run { values in
            try RecordColumns.bind(record, to: &values)
            values.bind(record.key)
        }
    }

    private static func update(_ columns: [String], where condition: String) -> String {
        "UPDATE tool_auths SET \(columns.map { "\($0) = ?" }.joined(separator: ", ")) WHERE \(condition)"
    }

    func delete(_ key: ToolAuthKey) throws {
        try db.cachedStatement(sql: "DELETE FROM tool_auths WHERE tool_id = ? AND user_id = ?").run { $0.bind(key) }
    }

    private func bindTokens(of toolAuth: ToolAuth, to values: inout ValueBinder) throws {
        let sealed = try sealer.sealTokens(of: toolAuth, in: .toolAuth(toolAuth.key, .accessToken))
        values.bind(sealed.access)
        values.bind(sealed.refresh)
    }
}

extension ValueBinder {
    /// For `tool_id = ? AND user_id = ?`.
    fileprivate mutating func bind(_ key: ToolAuthKey) {
        bind(key.toolID.rawValue)
        bind(key.userID.rawValue)
    }
}
