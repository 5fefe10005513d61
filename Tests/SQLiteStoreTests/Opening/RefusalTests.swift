import GRDB
import Glibc
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

/// Each refusal leaves every file of the directory as it was, log and all.
@Suite struct RefusalTests {
    /// A closed store with one grant, changed by `change`.
    private func store(_ change: (String) throws -> Void) async throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        _ = try await store.put(grant(key("gmail", "alice")))
        try await store.close()
        try change(directory.path)
        return directory
    }

    /// A store as a crash leaves it, its last changes only in the log.
    private func crashedStore(_ change: (SQLiteTokenStore) throws -> Void = { _ in }) async throws -> TemporaryDirectory
    {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        _ = try await store.put(grant(key("gmail", "alice")))
        try change(store)
        let crashed = try TemporaryDirectory()
        try copyCrashed(store, to: crashed)
        try await store.close()
        return crashed
    }

    private func expectRefusal(
        _ directory: TemporaryDirectory, _ code: StoreError.Code, saying text: String, keys: KeySource? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let before = try Snapshot(directory.path)
        let error = try await openingError(directory.path, keys: keys)
        #expect(error.code == code, sourceLocation: sourceLocation)
        #expect(error.detail.contains(text), "\(error.detail)", sourceLocation: sourceLocation)
        #expect(try Snapshot(directory.path) == before, sourceLocation: sourceLocation)
    }

    // MARK: Newer, damaged, foreign

    private static let newer = "INSERT INTO grdb_migrations VALUES ('999: from the future')"

    @Test("a store written by a newer version is refused")
    func tooNew() async throws {
        let directory = try await store { path in
            try DatabaseQueue(path: "\(path)/toolauthd.db").write { try $0.execute(sql: Self.newer) }
        }
        try await expectRefusal(directory, .tooNew, saying: "newer toolauthd")
    }

    @Test("a store written by a newer version is refused when only the log says so")
    func tooNewInLog() async throws {
        let directory = try await crashedStore { try $0.sql(Self.newer) }
        try await expectRefusal(directory, .tooNew, saying: "newer toolauthd")
    }

    @Test("a file that is not SQLite is refused", arguments: [7, 99, 100, 10_000])
    func notSQLite(size: Int) async throws {
        let directory = try await store { try write([UInt8](repeating: 0x20, count: size), to: "\($0)/toolauthd.db") }
        try await expectRefusal(directory, .corrupt, saying: "is not a SQLite database")
    }

    @Test("a database of another program is refused")
    func foreignDatabase() async throws {
        let directory = try TemporaryDirectory()
        let queue = try DatabaseQueue(path: "\(directory.path)/toolauthd.db")
        try await queue.write { try $0.execute(sql: "CREATE TABLE t (x)") }
        try queue.close()
        try await expectRefusal(directory, .corrupt, saying: "not one of toolauthd")
    }

    @Test("a store cut short is refused")
    func truncated() async throws {
        let directory = try await store { path in
            let bytes = try contents(of: "\(path)/toolauthd.db")
            try write(Array(bytes.prefix(bytes.count / 2)), to: "\(path)/toolauthd.db")
        }
        try await expectRefusal(directory, .corrupt, saying: "is damaged")
    }

    @Test("a store whose schema is overwritten is refused")
    func overwritten() async throws {
        let directory = try await store { path in
            var bytes = try contents(of: "\(path)/toolauthd.db")
            for index in 100..<4096 { bytes[index] = UInt8(truncatingIfNeeded: index) }
            try write(bytes, to: "\(path)/toolauthd.db")
        }
        try await expectRefusal(directory, .corrupt, saying: "is damaged")
    }

    @Test("a directory in place of the database is refused")
    func directoryAsDatabase() async throws {
        let directory = try TemporaryDirectory()
        mkdir("\(directory.path)/toolauthd.db", 0o700)
        let error = try await openingError(directory.path)
        #expect(error.code == .corrupt)
        #expect(entries(of: directory.path) == ["toolauthd.db"])
    }

    // MARK: Keys

    @Test("a store whose key file is missing is refused, and none is made", arguments: [false, true])
    func keyMissing(crashed: Bool) async throws {
        let directory = try await crashed ? crashedStore() : store { _ in }
        unlink("\(directory.path)/master.key")
        try await expectRefusal(directory, .key, saying: "is missing")
        #expect(!entries(of: directory.path).contains("master.key"))
    }

    private static let otherKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    @Test("a store is refused whose key id is not among the keys", arguments: [false, true])
    func keyUnknown(crashed: Bool) async throws {
        let directory = try await crashed ? crashedStore() : store { _ in }
        try await expectRefusal(
            directory, .key, saying: "the credential toolauthd.key does not hold",
            keys: .credential(name: "toolauthd.key", Secret("other:\(Self.otherKey)")))
    }

    @Test("a store is refused whose key has the right name and the wrong bytes", arguments: [false, true])
    func keyWrong(crashed: Bool) async throws {
        let directory = try await crashed ? crashedStore() : store { _ in }
        let line =
            String(decoding: try contents(of: "\(directory.path)/master.key"), as: UTF8.self)
            .split(separator: "\n").last ?? ""
        let id = String(line.prefix { $0 != ":" })
        try write("\(id):\(Self.otherKey)\n", to: "\(directory.path)/master.key")
        try await expectRefusal(directory, .key, saying: "is not the one of that name")
    }

    @Test("a key file open to others is refused")
    func keyOpen() async throws {
        let directory = try await store { chmod("\($0)/master.key", 0o640) }
        try await expectRefusal(directory, .key, saying: "chmod 0600 \(directory.path)/master.key")
    }

    // MARK: Read-only

    @Test(
        "a store on a read-only file system is refused",
        .enabled(if: SmallDisk.isAvailable, "needs the right to mount a tmpfs"))
    func readOnlyFileSystem() async throws {
        let disk = try SmallDisk(kibibytes: 4096)
        let keys = KeySource.credential(name: "toolauthd.key", Secret("k1:\(Self.otherKey)"))
        let store = try await SQLiteTokenStore.open(directory: disk.path, keys: keys)
        _ = try await store.put(grant(key("gmail", "alice")))
        try await store.close()
        try disk.remountReadOnly()
        let before = try Snapshot(disk.path)
        let error = try await openingError(disk.path, keys: keys)
        #expect(error.code == .notAccessible)
        #expect(error.detail.contains("Read-only file system"), "\(error.detail)")
        #expect(try Snapshot(disk.path) == before)
    }

    @Test(
        "an empty read-only directory is refused",
        .enabled(if: SmallDisk.isAvailable, "needs the right to mount a tmpfs"))
    func readOnlyDirectory() async throws {
        let disk = try SmallDisk(kibibytes: 64)
        try disk.remountReadOnly()
        let error = try await openingError(disk.path)
        #expect(error.code == .notAccessible)
        #expect(error.detail.contains("cannot be written"), "\(error.detail)")
        #expect(entries(of: disk.path).isEmpty)
    }

    @Test(
        "a directory and a file without write permission are refused",
        .enabled(if: geteuid() != 0, "root may write everywhere"), arguments: ["", "/toolauthd.db"])
    func noPermission(what: String) async throws {
        let directory = try await store { chmod($0 + what, what.isEmpty ? 0o500 : 0o400) }
        defer { chmod(directory.path, 0o700) }
        try await expectRefusal(directory, .notAccessible, saying: "cannot be written")
    }
}
