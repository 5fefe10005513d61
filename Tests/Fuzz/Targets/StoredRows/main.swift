// A row of a damaged or forged database: for each column a letter that says of which kind its value is, and the value up to
// a line feed.
import FoundationEssentials
import FuzzSupport
import GRDB
import ToolAuthCore

@testable import SQLiteStore

let sealer = Sealer(keys: KeysInForce(KeyRing(MasterKey.generate()), from: .credential("fuzzed")))
let now = Timestamp(millisecondsSinceEpoch: 1_767_225_600_000)

let names =
    ["tool_id", "user_id", "created_at", "has_access_token", "has_refresh_token", "access_token", "refresh_token"]
    + RecordColumns.written

/// nil: it is no blob; nil in it: there is none.
func blob(_ column: String, _ row: Row) -> Data?? {
    do { return .some(try row.blobIfAny(column)) } catch { return nil }
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

fuzz { input in
    var input = input
    var columns: [String: (any DatabaseValueConvertible)?] = [:]
    for column in names { columns[column] = value(&input) }
    let row = Row(columns)
    guard let record = try? ToolAuthRecord(row) else { return }
    expect(ToolID(record.toolID.rawValue) != nil && UserID(record.userID.rawValue) != nil, "a record of nobody")

    // What is read and written again reads alike.
    guard let written = try? RecordColumns.values(of: record) else { fatalError("a record cannot be written") }
    var again = columns
    for (column, value) in zip(RecordColumns.written, written) { again[column] = .some(value) }
    guard let second = try? ToolAuthRecord(Row(again)) else { fatalError("a record cannot be read again: \(record)") }
    expect(second == record, "written again, it reads otherwise: \(record) and \(second)")

    // Tokens that do not open are none.
    if let access = blob("access_token", row), let refresh = blob("refresh_token", row) {
        let opened = sealer.openTokens(of: record, access: access, refresh: refresh, as: SealedPlace.toolAuth)
        expect(opened.accessToken == nil && opened.refreshToken == nil, "a forged token opens")
        if access != nil || refresh != nil {
            expect(opened.record.status.reason == .undecryptable, "a forged token is not noticed")
        }
    }
    // What the schedule makes of it.
    _ = record.dueAt
    _ = record.remainingLife(at: now)
    _ = record.expiresAt?.description
}
