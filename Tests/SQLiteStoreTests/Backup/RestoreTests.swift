import Crypto
import GRDB
import Glibc
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct RestoreTests {
    private let original: TemporaryDirectory
    private let target: TemporaryDirectory

    init() throws {
        original = try TemporaryDirectory()
        target = try TemporaryDirectory()
    }

    /// A backup of a store with alice's grant, made after `change`, and the key on the other machine.
    private func backup(_ change: (SQLiteTokenStore) throws -> Void = { _ in }) async throws -> [UInt8] {
        let store = try await SQLiteTokenStore.open(in: original, machineID: "one")
        _ = try await store.put(grant(key("gmail", "alice")))
        try change(store)
        let bytes = try await read(try await store.backup())
        try await store.close()
        try write(try contents(of: "\(original.path)/master.key"), to: "\(target.path)/master.key")
        return bytes
    }

    /// What a restore is refused with, which must leave the directory as it was.
    private func refusal(
        _ bytes: [UInt8], keys: KeySource? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> StoreError {
        let before = try Snapshot(target.path)
        do {
            try restore(bytes, into: target, keys: keys)
        } catch let error as StoreError {
            #expect(try Snapshot(target.path) == before, sourceLocation: sourceLocation)
            return error
        }
        throw Missing()
    }

    private func users(machineID: String? = nil) async throws -> [String] {
        let store = try await SQLiteTokenStore.open(in: target, machineID: machineID)
        let users = try await store.records(RecordQuery()).records.map(\.key.userID.rawValue)
        try await store.close()
        return users
    }

    @Test("a restored store holds what was backed up, is its owner's alone, and is held until it is resumed")
    func restored() async throws {
        let report = try restore(try await backup(), into: target)
        #expect(report.grants == 1)
        #expect(report.former == nil)
        #expect(report.lastWriteAt != nil)
        #expect(entries(of: target.path) == ["master.key", "toolauthd.db"])
        #expect(try permissions(of: "\(target.path)/toolauthd.db") == 0o600)
        for machine in ["one", "two"] {
            let store = try await SQLiteTokenStore.open(in: target, machineID: machine)
            #expect(store.hold == (machine == "one" ? .restored : .foreignMachine))
            #expect(try await store.load(key("gmail", "alice"))?.accessToken == Secret("access"))
            if machine == "two" { try await store.resume() }
            try await store.close()
        }
        let resumed = try await SQLiteTokenStore.open(in: target, machineID: "two")
        #expect(resumed.hold == nil)
        try await resumed.close()
    }

    @Test("a directory that does not exist is made")
    func newDirectory() async throws {
        let bytes = try await backup()
        let files = try TemporaryDirectory()
        try write(bytes, to: "\(files.path)/backup")
        _ = try StoreRestore.run(
            "\(files.path)/backup", into: "\(files.path)/state", keys: .file("\(target.path)/master.key"),
            overwriting: false, at: .at(0))
        #expect(try permissions(of: "\(files.path)/state") == 0o700)
    }

    @Test(
        "a backup that is cut short anywhere is refused", arguments: [0, 1, 99, 100, 4096, 20_000, -1, -32, -52, -53])
    func truncated(length: Int) async throws {
        let bytes = try await backup()
        let part = Array(bytes.prefix(length < 0 ? bytes.count + length : length))
        let error = try refusal(part)
        #expect(error.code == .corrupt)
        let known = ["is empty", "is not a whole backup", "is not a backup of toolauthd"]
        #expect(known.contains { error.detail.contains($0) }, "\(error.detail)")
    }

    @Test("a backup with bytes behind its end is refused")
    func longer() async throws {
        #expect(try refusal(try await backup() + [0]).detail.contains("is not a whole backup"))
    }

    @Test("a bit that flipped anywhere is noticed")
    func bitFlips() async throws {
        let bytes = try await backup()
        var generator = SystemRandomNumberGenerator()
        let places = [18, 30, 68, 100, bytes.count - 1, bytes.count - 33, bytes.count - 40, bytes.count - 52]
        for place in places + (0..<40).map({ _ in Int.random(in: 0..<bytes.count, using: &generator) }) {
            var flipped = bytes
            flipped[place] ^= UInt8(1 << Int.random(in: 0..<8, using: &generator))
            let error = try refusal(flipped)
            #expect(error.code == .corrupt, "bit of byte \(place): \(error.detail)")
        }
        #expect(try refusal(bytes.replacing(at: 5000)).detail.contains("is damaged"))
    }

    @Test("what is no backup is refused", arguments: ["hello\n", String(repeating: "x", count: 100_000)])
    func foreign(text: String) async throws {
        _ = try await backup()
        #expect(try refusal(Array(text.utf8)).detail.contains("is not a backup of toolauthd"))
    }

    @Test("a database of another program is refused, also with the end of a backup")
    func foreignDatabase() async throws {
        _ = try await backup()
        let files = try TemporaryDirectory()
        let queue = try DatabaseQueue(path: "\(files.path)/other.db")
        try await queue.write { try $0.execute(sql: "CREATE TABLE t (x)") }
        try queue.close()
        let bytes = try contents(of: "\(files.path)/other.db")
        #expect(try refusal(bytes).detail.contains("is not a whole backup"))
        #expect(try refusal(withTrailer(bytes)).detail.contains("not one of toolauthd"))
    }

    @Test("a store that was damaged when it was backed up is refused")
    func damagedBefore() async throws {
        let bytes = try await backup()
        var database = Array(bytes.dropLast(BackupFormat.trailerSize))
        // The second page on: the header and the schema stay whole.
        for place in 4096..<min(database.count, 40_960) { database[place] = 0xff }
        let error = try refusal(withTrailer(database))
        #expect(error.code == .corrupt, "\(error.detail)")
    }

    @Test("a backup of a newer version is refused")
    func newer() async throws {
        let bytes = try await backup { try $0.sql("INSERT INTO grdb_migrations VALUES ('999: from the future')") }
        let error = try refusal(bytes)
        #expect(error.code == .tooNew)
        #expect(error.detail.contains("was made by a newer toolauthd"), "\(error.detail)")
    }

    @Test("without the key, or with another of its name, it is refused, and no key is made")
    func keys() async throws {
        let bytes = try await backup()
        let right = String(decoding: try contents(of: "\(target.path)/master.key"), as: UTF8.self)
        unlink("\(target.path)/master.key")
        let missing = try refusal(bytes)
        #expect(missing.code == .key)
        #expect(missing.detail.contains("is missing"), "\(missing.detail)")

        let id = try required(right.split(separator: "\n").last?.split(separator: ":").first)
        let other = MasterKey.generate().key.withUnsafeBytes { Array($0) }
        let wrong = "\(id):\(base64(other))\n"
        try write(wrong, to: "\(target.path)/master.key")
        #expect(try refusal(bytes).detail.contains("is not the one of that name"))
        let elsewhere = try refusal(bytes, keys: .credential(name: "toolauthd.key", Secret("k9:\(base64(other))")))
        #expect(elsewhere.code == .key)
        #expect(elsewhere.detail.contains("the credential toolauthd.key does not hold"), "\(elsewhere.detail)")

        try write(right, to: "\(target.path)/master.key")
        try restore(bytes, into: target)
        #expect(try await users() == ["alice"])
    }

    @Test("an empty store gives way; one with grants only when told so, and is kept beside with its log")
    func existing() async throws {
        let bytes = try await backup()
        try await SQLiteTokenStore.open(in: target).close()
        #expect(try restore(bytes, into: target).former != nil)
        #expect(try await users() == ["alice"])

        let error = try refusal(bytes)
        #expect(error.code == .notAccessible)
        #expect(error.detail.contains("1 grant in") && error.detail.contains("--force"), "\(error.detail)")

        // As a crash leaves it, with its last change in the log.
        let busy = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(directory: target.path, keys: .file("\(target.path)/master.key"))
        _ = try await store.put(grant(key("gmail", "bob")))
        try copyCrashed(store, to: busy)
        try await store.close()
        let former = try #require(try restore(bytes, into: busy, overwriting: true).former)
        let kept = try TemporaryDirectory()
        for suffix in ["", "-wal"] {
            try write(try contents(of: former + suffix), to: "\(kept.path)/toolauthd.db\(suffix)")
        }
        try write(try contents(of: "\(busy.path)/master.key"), to: "\(kept.path)/master.key")
        let old = try await SQLiteTokenStore.open(in: kept)
        #expect(try await old.records(RecordQuery()).records.map(\.key.userID.rawValue) == ["alice", "bob"])
        try await old.close()
        let new = try await SQLiteTokenStore.open(in: busy)
        #expect(try await new.records(RecordQuery()).records.map(\.key.userID.rawValue) == ["alice"])
        try await new.close()
    }

    @Test("a store that cannot be read gives way only when told so")
    func unreadableTarget() async throws {
        let bytes = try await backup()
        try write("garbage, and some more of it\n", to: "\(target.path)/toolauthd.db")
        #expect(try refusal(bytes).detail.contains("--force"))
        try restore(bytes, into: target, overwriting: true)
        #expect(try await users() == ["alice"])
    }

    @Test("while a daemon has the store open, nothing is restored, forced or not")
    func inUse() async throws {
        let bytes = try await backup()
        let store = try await SQLiteTokenStore.open(in: target)
        for overwriting in [false, true] {
            let error = #expect(throws: StoreError.self) { try restore(bytes, into: target, overwriting: overwriting) }
            #expect(error?.code == .inUse)
            #expect(error?.detail.contains("Stop it first") == true, "\(error?.detail ?? "")")
        }
        _ = try await store.put(grant(key("gmail", "bob")))
        try await store.close()
        #expect(try await users() == ["bob"])
    }

    @Test("after a restore that was interrupted when the old store was away already, no empty one is made")
    func interrupted() async throws {
        let bytes = try await backup()
        try write(Array(bytes.dropLast(BackupFormat.trailerSize)), to: "\(target.path)/toolauthd.db.restored")
        let before = try Snapshot(target.path)
        let error = try await openingError(target.path)
        #expect(error.detail.contains("A restore did not come to its end"), "\(error.detail)")
        #expect(try Snapshot(target.path) == before)
        try restore(bytes, into: target)
        #expect(try await users() == ["alice"])
    }

    @Test("one that was interrupted between the old store and its log brings the two together again")
    func interruptedBetween() async throws {
        let bytes = try await backup()
        let former = "\(target.path)/toolauthd.db.before-20260101T000000Z"
        for older in ["20250101T000000Z", "20251231T235959Z"] {
            try write([1], to: "\(target.path)/toolauthd.db.before-\(older)")
        }
        try write([2], to: former)
        try write([3], to: "\(target.path)/toolauthd.db-wal")
        try write(bytes, to: "\(target.path)/toolauthd.db.restored")
        #expect(try restore(bytes, into: target).former == former)
        #expect(try contents(of: former) == [2])
        #expect(try contents(of: "\(former)-wal") == [3])
        #expect(!entries(of: target.path).contains("toolauthd.db-wal"))
        #expect(try await users() == ["alice"])
    }

    @Test("root restores for the one whose directory it is", .enabled(if: geteuid() == 0, "needs to be root"))
    func owner() async throws {
        let bytes = try await backup()
        let (uid, gid) = (uid_t(65_534), gid_t(65_533))
        #expect(chown(target.path, uid, gid) == 0)
        try restore(bytes, into: target)
        var status = stat()
        #expect(stat("\(target.path)/toolauthd.db", &status) == 0)
        #expect(status.st_uid == uid && status.st_gid == gid)
    }

    @Test(
        "a disk without room for it is left as it was", .enabled(if: SmallDisk.isAvailable, "needs the right to mount"))
    func noRoom() async throws {
        let store = try await SQLiteTokenStore.open(in: original)
        for index in 0..<20 {
            _ = try await store.put(
                grant(key("gmail", "user\(index)"), access: String(repeating: "a", count: 100_000)))
        }
        let bytes = try await read(try await store.backup())
        try await store.close()
        let disk = try SmallDisk(kibibytes: 1024)
        let files = try TemporaryDirectory()
        try write(bytes, to: "\(files.path)/backup")
        let error = #expect(throws: StoreError.self) {
            _ = try StoreRestore.run(
                "\(files.path)/backup", into: disk.path, keys: .file("\(original.path)/master.key"),
                overwriting: false, at: .at(0))
        }
        #expect(error?.code == .io)
        #expect(error?.detail.contains("Make room") == true, "\(error?.detail ?? "")")
        #expect(entries(of: disk.path).isEmpty)
    }

    private func withTrailer(_ database: [UInt8]) -> [UInt8] {
        database + BackupFormat.trailer(digest(database))
    }
}
