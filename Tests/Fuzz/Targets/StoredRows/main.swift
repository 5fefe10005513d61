// A row of a damaged or forged database: for each column a letter that says of which kind its value is, and the value up to
// a line feed.
import FoundationEssentials
import FuzzSupport
import GRDB
import ToolAuthCore

@testable import SQLiteStore

let sealer = Sealer(keys: KeysInForce(KeyRing(MasterKey.generate()), from: .credential("fuzzed")))
let now = Timestamp(millisecondsSinceEpoch: 1_767_225_600_000)

let names = ["tool_id", "user_id", "created_at", "access_token", "refresh_token"] + RecordColumns.written

/// The table without what its schema promises: a column keeps whatever is written to it.
let database: DatabaseQueue = {
    guard let database = try? DatabaseQueue() else { fatalError("no database in memory") }
    do {
        try database.write { try $0.execute(sql: "CREATE TABLE tool_auths (\(names.joined(separator: ", ")))") }
    } catch {
        fatalError("no table: \(error)")
    }
    return database
}()
let insertion = """
    INSERT INTO tool_auths (\(names.joined(separator: ", "))) VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))
    """
let update = "UPDATE tool_auths SET \(RecordColumns.written.map { "\($0) = ?" }.joined(separator: ", "))"
let selection = "SELECT \(RecordColumns.selection), access_token, refresh_token FROM tool_auths"

struct Found {
    let record: ToolAuthRecord
    let access: Data?
    let refresh: Data?
}

/// nil: it is unreadable.
func row(_ db: Database) -> Found? {
    let found = try? db.cachedStatement(sql: selection).first { columns in
        Found(record: try ToolAuthRecord(&columns), access: columns.blobIfAny(), refresh: columns.blobIfAny())
    }
    return found ?? nil
}

/// Text, a number or nothing: what SQLite may have in a column, whatever the schema says.
func value(_ input: inout FuzzInput) -> (any DatabaseValueConvertible)? {
    let kind = input.choice(of: ["text", "number", "null", "blob", "real"])
    let line = input.line()
    switch kind {
    case "text": return line
    case "number": return Int64(line) ?? 0
    case "blob": return Data(line.utf8)
    case "real": return Double(line) ?? 0
    default: return nil
    }
}

/// Reads a row of these values, writes what was read over it, and reads it again.
func readTwice(_ values: [(any DatabaseValueConvertible)?]) throws -> Found? {
    try database.write { db in
        try db.execute(sql: "DELETE FROM tool_auths")
        try db.cachedStatement(sql: insertion).execute(arguments: StatementArguments(values))
        guard let found = row(db) else { return nil }
        try db.cachedStatement(sql: update).run { try RecordColumns.bind(found.record, to: &$0) }
        guard let second = row(db) else { fatalError("a record cannot be read again: \(found.record)") }
        expect(
            second.record == found.record,
            "written again, it reads otherwise: \(found.record) and \(second.record)")
        return found
    }
}

fuzz { input in
    var input = input
    let values = names.map { _ in value(&input) }
    let found: Found?
    do { found = try readTwice(values) } catch { fatalError("a row cannot be written: \(error)") }
    guard let found else { return }
    let record = found.record
    expect(ToolID(record.toolID.rawValue) != nil && UserID(record.userID.rawValue) != nil, "a record of nobody")

    // Tokens that do not open are none.
    let opened = sealer.openTokens(
        of: record, access: found.access, refresh: found.refresh, in: .toolAuth(record.key, .accessToken))
    expect(opened.accessToken == nil && opened.refreshToken == nil, "a forged token opens")
    if found.access != nil || found.refresh != nil {
        expect(opened.record.status.reason == .undecryptable, "a forged token is not noticed")
    }
    // What the schedule makes of it.
    _ = record.dueAt
    _ = record.remainingLife(at: now)
    _ = record.expiresAt?.description
}
