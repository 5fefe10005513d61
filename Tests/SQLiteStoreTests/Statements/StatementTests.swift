import FoundationEssentials
import GRDB
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct StatementTests {
    private let database: DatabaseQueue

    init() throws {
        database = try DatabaseQueue()
    }

    @Test("values come back as they were bound", arguments: ["", "token", "jos\u{e9} \u{1F511}", "a\0b"])
    func roundTrip(text: String) throws {
        try database.read { db in
            let statement = try db.makeStatement(sql: "SELECT ?, ?, ?, ?, ?")
            try statement.bind { values in
                values.bind(text)
                values.bind(Data(text.utf8))
                values.bind(Int64.min)
                values.bind(-1)
                values.bind(Timestamp(millisecondsSinceEpoch: 1_767_225_600_001))
            }
            let row = try statement.first { columns in
                (
                    try columns.text(), columns.blobIfAny(), try columns.integer(), try columns.integer(),
                    try columns.timestamp()
                )
            }
            let found = try required(row)
            #expect(found.0 == text)
            #expect(found.1 == Data(text.utf8))
            #expect(found.2 == .min)
            #expect(found.3 == -1)
            #expect(found.4 == Timestamp(millisecondsSinceEpoch: 1_767_225_600_001))
        }
    }

    @Test("what is not there is NULL, also where something was bound before, and is read where it may be")
    func null() throws {
        try database.read { db in
            let statement = try db.makeStatement(sql: "SELECT ?, ?, ?, ?")
            for text in ["before", nil] {
                try statement.bind { values in
                    values.bind(text)
                    values.bind(text.map { Data($0.utf8) })
                    values.bind(text?.utf8.count)
                    values.bind(text.map { _ in Timestamp(millisecondsSinceEpoch: 1) })
                }
                let row = try statement.first { columns in
                    (columns.textIfAny(), columns.blobIfAny(), columns.integerIfAny(), columns.timestampIfAny())
                }
                let found = try required(row)
                #expect(found.0 == text)
                #expect(found.1 == text.map { Data($0.utf8) })
                #expect(found.2 == text.map { Int64($0.utf8.count) })
                #expect((found.3 == nil) == (text == nil))
            }
        }
    }

    @Test("NULL, and what is no column, is unreadable where there must be something")
    func unreadable() throws {
        try database.read { db in
            let statement = try db.makeStatement(sql: "SELECT NULL, NULL")
            #expect(throws: UnreadableValue.self) { try statement.first { try $0.text() } }
            #expect(throws: UnreadableValue.self) { try statement.first { try $0.integer() } }
            #expect(throws: UnreadableValue.self) {
                try statement.first { columns in
                    _ = (columns.textIfAny(), columns.textIfAny())
                    _ = try columns.text()
                }
            }
        }
    }

    @Test("values that are more or fewer than parameters are refused", arguments: [1, 3])
    func count(count: Int) throws {
        try database.read { db in
            let statement = try db.makeStatement(sql: "SELECT ?, ?")
            #expect(throws: DatabaseError.self) {
                try statement.bind { values in
                    for number in 0..<count { values.bind(number) }
                }
            }
        }
    }

    @Test("a statement that failed can be run again, whether it reads or writes")
    func again() throws {
        try database.write { db in
            try db.execute(sql: "CREATE TABLE numbers (number INTEGER NOT NULL UNIQUE)")
            let insert = "INSERT INTO numbers VALUES (?)"
            try db.cachedStatement(sql: insert).run { $0.bind(1) }
            #expect(throws: DatabaseError.self) { try db.cachedStatement(sql: insert).run { $0.bind(1) } }
            try db.cachedStatement(sql: insert).run { $0.bind(2) }
            let absolute = try db.cachedStatement(sql: "SELECT abs(?)")
            try absolute.bind { $0.bind(Int64.min) }
            #expect(throws: DatabaseError.self) { try absolute.first { try $0.integer() } }
            try absolute.bind { $0.bind(-3) }
            #expect(try absolute.first { try $0.integer() } == 3)
            var numbers: [Int64] = []
            try db.cachedStatement(sql: "SELECT number FROM numbers ORDER BY number").forEachRow { columns in
                numbers.append(try columns.integer())
            }
            #expect(numbers == [1, 2])
        }
    }

    @Test("a writing statement tells observers what it changed")
    func observed() throws {
        let observer = Observer()
        database.add(transactionObserver: observer)
        try database.write { db in
            try db.execute(sql: "CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
            try db.cachedStatement(sql: "INSERT INTO numbers VALUES (?)").run { $0.bind(7) }
        }
        #expect(observer.rows == [7])
    }

    private final class Observer: TransactionObserver {
        var rows: [Int64] = []
        func observes(eventsOfKind kind: DatabaseEventKind) -> Bool { kind.tableName == "numbers" }
        func databaseDidChange(with event: DatabaseEvent) { rows.append(event.rowID) }
        func databaseDidCommit(_ db: Database) {}
        func databaseDidRollback(_ db: Database) {}
    }
}
