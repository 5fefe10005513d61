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
        try Row.first(of: try db.cachedStatement(sql: Self.recordStatement), key.arguments) { try ToolAuthRecord($0) }
    }

    /// With its tokens opened, or `undecryptable` if one of them does not open.
    func toolAuth(_ key: ToolAuthKey) throws -> ToolAuth? { try row(key)?.toolAuth }

    private static let rowStatement = """
        SELECT \(RecordColumns.selection), id, access_token, refresh_token FROM tool_auths
        WHERE tool_id = ? AND user_id = ?
        """

    /// As ``toolAuth(_:)``, with the id of its row.
    func row(_ key: ToolAuthKey) throws -> (id: Int64, toolAuth: ToolAuth)? {
        try Row.first(of: try db.cachedStatement(sql: Self.rowStatement), key.arguments) { row in
            let toolAuth = sealer.openTokens(
                of: try ToolAuthRecord(row), access: try row.blobIfAny("access_token"),
                refresh: try row.blobIfAny("refresh_token"), as: SealedPlace.toolAuth)
            return (Int64(try row.integer("id")), toolAuth)
        }
    }

    /// What the end of an attempt is compared with.
    struct Standing {
        let generation: Int64
        let attemptID: String?
        let status: ToolAuthStatus
        let hasRefreshToken: Bool
    }

    private static let standingStatement = """
        SELECT generation, attempt_id, status, reason, refresh_token NOTNULL AS has_refresh_token FROM tool_auths
        WHERE tool_id = ? AND user_id = ?
        """

    func standing(_ key: ToolAuthKey) throws -> Standing? {
        try Row.first(of: try db.cachedStatement(sql: Self.standingStatement), key.arguments) { row in
            Standing(
                generation: try row.decode(Int64.self, forColumn: "generation"),
                attemptID: try row.textIfAny("attempt_id"), status: try row.status(),
                hasRefreshToken: try row.flag("has_refresh_token"))
        }
    }

    // MARK: Writing

    /// The next of the store's one sequence. Drawn in the transaction that uses it, so that it is as durable as its use.
    func nextGeneration() throws -> Int64 {
        let statement = try db.cachedStatement(
            sql: "UPDATE store_state SET generation = generation + 1 RETURNING generation")
        guard let generation = try Int64.fetchOne(statement) else { throw UnreadableValue() }
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
        let statement = try db.cachedStatement(sql: Self.upsertStatement)
        let record = toolAuth.record
        var arguments: [(any DatabaseValueConvertible)?] = [
            record.toolID.rawValue, record.userID.rawValue, record.createdAt.stored,
            try seal(toolAuth.accessToken, .toolAuth(record.key, .accessToken)),
            try seal(toolAuth.refreshToken, .toolAuth(record.key, .refreshToken)),
        ]
        arguments += try RecordColumns.values(of: record)
        try statement.execute(arguments: StatementArguments(arguments))
    }

    /// Notes that something was written at `instant`, so that a clock that was ahead is noticed later.
    func noteWrite(at instant: Timestamp) throws {
        let statement = try db.cachedStatement(
            sql: "UPDATE store_state SET last_write_at = ?1 WHERE last_write_at IS NULL OR last_write_at < ?1")
        try statement.execute(arguments: [instant.stored])
    }

    /// Writes down that an attempt begins; while it is under way the record is not due.
    func begin(_ attempt: Attempt, for key: ToolAuthKey) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE tool_auths SET attempt_id = ?, attempt_started_at = ?, due_at = NULL
                WHERE tool_id = ? AND user_id = ?
                """)
        try statement.execute(
            arguments: [attempt.id, attempt.startedAt.stored, key.toolID.rawValue, key.userID.rawValue])
    }

    private static let updateStatement: String = {
        let assignments = RecordColumns.written.map { "\($0) = ?" }.joined(separator: ", ")
        return "UPDATE tool_auths SET \(assignments) WHERE tool_id = ? AND user_id = ?"
    }()

    /// Writes the record; tokens stay.
    func update(_ record: ToolAuthRecord) throws {
        let statement = try db.cachedStatement(sql: Self.updateStatement)
        var arguments = try RecordColumns.values(of: record)
        arguments += [record.toolID.rawValue, record.userID.rawValue]
        try statement.execute(arguments: StatementArguments(arguments))
    }

    func delete(_ key: ToolAuthKey) throws {
        try db.cachedStatement(sql: "DELETE FROM tool_auths WHERE tool_id = ? AND user_id = ?")
            .execute(arguments: key.arguments)
    }

    private func seal(_ secret: Secret?, _ place: SealedPlace) throws -> Data? {
        try secret.map { try sealer.seal($0, for: place) }
    }
}

extension ToolAuthKey {
    /// For `tool_id = ? AND user_id = ?`.
    var arguments: StatementArguments { [toolID.rawValue, userID.rawValue] }
}
