import Crypto
import GRDB
import Glibc
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct BackupTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("a backup is the store of one instant, and leaves nothing in the directory")
    func whole() async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        let alice = try await store.put(grant(key("gmail", "alice")))
        let backup = try await store.backup()
        #expect(entries(of: directory.path).allSatisfy { !$0.contains("backup") }, "\(entries(of: directory.path))")
        _ = try await store.put(grant(key("gmail", "bob")))
        let bytes = try await read(backup)
        #expect(bytes.count == backup.size)
        try await store.close()

        let target = try await restored(bytes, keysOf: directory)
        let other = try await SQLiteTokenStore.open(in: target)
        #expect(try await other.records(RecordQuery()).records.map(\.key) == [alice.key])
        #expect(try await other.load(alice.key)?.refreshToken == Secret("refresh"))
        #expect(other.hold == .restored)
        try await other.close()
    }

    @Test("tokens are not in it in the clear, and neither is the key")
    func sealed() async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        _ = try await store.put(grant(key("gmail", "alice"), access: "canary-access", refresh: "canary-refresh"))
        let bytes = try await read(try await store.backup())
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains("canary"))
        let keyLine = String(decoding: try contents(of: "\(directory.path)/master.key"), as: UTF8.self)
            .split(separator: "\n").last { !$0.hasPrefix("#") }
        let encoded = try required(keyLine?.split(separator: ":").last)
        #expect(!text.contains(encoded))
        let raw = try required(store.sealer.ring.keys.first).key.withUnsafeBytes { Array($0) }
        #expect(!contains(bytes, raw))
        try await store.close()
    }

    @Test("what was deleted is not in it")
    func deleted() async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        let held = try await store.put(grant(key("gmail", "alice-who-leaves")))
        _ = try await store.put(grant(key("gmail", "bob")))
        _ = try await store.delete(held.key, .none, revocationDeadline: nil, now: .at(1))
        let text = String(decoding: try await read(try await store.backup()), as: UTF8.self)
        #expect(text.contains("bob") && !text.contains("alice-who-leaves"))
        try await store.close()
    }

    @Test(
        "backups of a store under load are whole, consistent and open: a pair that is written together is in it together"
    )
    func underLoad() async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        for index in 0..<200 {
            _ = try await store.put(grant(key("gmail", "user\(index)"), access: String(repeating: "a", count: 2000)))
        }
        let end = Counter()
        let begun = Counter()
        let written = try await withThrowingTaskGroup(of: Int.self) { group in
            // Whatever fails, the writers end.
            defer { end.increment() }
            for writer in 0..<4 {
                group.addTask {
                    var count = 0
                    while end.value == 0 {
                        let number = count
                        // One transaction of two rows, alike in every committed state.
                        try await store.writes.perform { db in
                            try db.execute(
                                sql: """
                                    INSERT INTO tools (tool_id, plan) VALUES (?, ?)
                                        ON CONFLICT DO UPDATE SET plan = excluded.plan
                                    """, arguments: ["a\(writer)", "\(number)"])
                            try db.execute(
                                sql: """
                                    INSERT INTO tools (tool_id, plan) VALUES (?, ?)
                                        ON CONFLICT DO UPDATE SET plan = excluded.plan
                                    """, arguments: ["z\(writer)", "\(number)"])
                        }
                        _ = try await store.put(grant(key("gmail", "user\(number % 200)"), access: "a\(number)"))
                        if count == 0 { begun.increment() }
                        count += 1
                    }
                    return count
                }
            }
            #expect(await eventually { begun.value == 4 })
            for _ in 0..<8 {
                let bytes = try await read(try await store.backup())
                let target = try await restored(bytes, keysOf: directory)
                let other = try await SQLiteTokenStore.open(in: target)
                let pairs = try other.strings(
                    "SELECT substr(tool_id, 2) || ' ' || count(DISTINCT plan) FROM tools GROUP BY substr(tool_id, 2)")
                #expect(pairs.count == 4)
                #expect(pairs.allSatisfy { $0.hasSuffix(" 1") }, "\(pairs)")
                #expect(try other.strings("PRAGMA integrity_check") == ["ok"])
                let records = try await other.records(RecordQuery(limit: 1000)).records
                #expect(records.count == 200)
                #expect(try await other.counts().values.map(\.total) == [200])
                for record in records { #expect(try await other.load(record.key)?.accessToken != nil) }
                try await other.close()
            }
            end.increment()
            return try await group.reduce(0, +)
        }
        #expect(written > 8)
        try await store.close()
    }

    @Test("closing ends a copy under way, and lets none begin")
    func closing() async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        let queue = try DatabaseQueue()
        let begun = Counter()
        #expect(store.beginCopy(queue))
        let copying = Task {
            try await queue.write { db in
                db.add(
                    function: DatabaseFunction("begun", argumentCount: 0) { _ in
                        begun.increment()
                        return 0
                    })
                // Without end.
                _ = try Int.fetchOne(
                    db,
                    sql: """
                        WITH RECURSIVE counted(n) AS (SELECT begun() UNION ALL SELECT n + 1 FROM counted)
                            SELECT count(*) FROM counted
                        """)
            }
        }
        #expect(await eventually { begun.value > 0 })
        try await store.close()
        let error = await #expect(throws: DatabaseError.self) { try await copying.value }
        #expect(error?.resultCode == .SQLITE_INTERRUPT)
        #expect(!store.beginCopy(queue))
    }

    @Test("no more than four are read at once; one that is let go makes way")
    func slots() async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        var open: [any StoreBackup] = []
        for _ in 0..<BackupSlots.limit { open.append(try await store.backup()) }
        let refusal = await #expect(throws: StoreError.self) { _ = try await store.backup() }
        #expect(refusal?.code == .inUse)
        open.removeLast()
        open.append(try await store.backup())
        try await store.close()
        await #expect(throws: StoreError.closed) { _ = try await store.backup() }
    }

    @Test("a store is not opened by a daemon's own leavings: what a crash left of a copy goes")
    func leavings() async throws {
        try await SQLiteTokenStore.open(in: directory).close()
        let names = entries(of: directory.path)
        for name in ["toolauthd.db.backup", "toolauthd.db.restored", "toolauthd.db.restored-wal"] {
            try write("left", to: "\(directory.path)/\(name)")
        }
        try await SQLiteTokenStore.open(in: directory).close()
        #expect(entries(of: directory.path) == names)
    }

    @Test(
        "a disk without room for it refuses the backup, and takes writes on",
        .enabled(if: SmallDisk.isAvailable, "needs the right to mount a tmpfs"))
    func noRoom() async throws {
        let disk = try SmallDisk(kibibytes: 6144)
        let store = try await SQLiteTokenStore.open(directory: disk.path, keys: .file("\(disk.path)/master.key"))
        for index in 0..<10 {
            _ = try await store.put(
                grant(key("gmail", "user\(index)"), access: String(repeating: "a", count: 100_000)))
        }
        let error = await #expect(throws: StoreError.self) { _ = try await store.backup() }
        #expect(error?.code == .io)
        #expect(error?.detail.hasPrefix("There is no room for a backup") == true, "\(error?.detail ?? "")")
        _ = try await store.put(grant(key("gmail", "alice")))
        #expect(entries(of: disk.path).allSatisfy { !$0.contains("backup") })
        try await store.close()
    }
}
