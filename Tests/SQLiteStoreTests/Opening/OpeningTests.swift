import GRDB
import Glibc
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct OpeningTests {
    @Test("a new state directory is 0700 and its files are 0600, whatever the umask")
    func modes() async throws {
        let parent = try TemporaryDirectory()
        let former = umask(0)
        defer { umask(former) }
        let path = "\(parent.path)/state"
        let store = try await SQLiteTokenStore.open(directory: path, keys: .file("\(path)/master.key"))
        _ = try await store.put(grant(key("gmail", "alice")))
        #expect(try permissions(of: path) == 0o700)
        #expect(entries(of: path) == ["master.key", "toolauthd.db", "toolauthd.db-shm", "toolauthd.db-wal"])
        for name in entries(of: path) { #expect(try permissions(of: "\(path)/\(name)") == 0o600, "\(name)") }
        try await store.close()
    }

    @Test("an empty directory open to others is closed to them")
    func tightenEmpty() async throws {
        let directory = try TemporaryDirectory()
        chmod(directory.path, 0o755)
        try await SQLiteTokenStore.open(in: directory).close()
        #expect(try permissions(of: directory.path) == 0o700)
    }

    @Test("a store open to others is closed to them, directory and files")
    func tightenStore() async throws {
        let directory = try TemporaryDirectory()
        try await SQLiteTokenStore.open(in: directory).close()
        chmod(directory.path, 0o777)
        chmod("\(directory.path)/toolauthd.db", 0o644)
        try await SQLiteTokenStore.open(in: directory).close()
        #expect(try permissions(of: directory.path) == 0o700)
        #expect(try permissions(of: "\(directory.path)/toolauthd.db") == 0o600)
    }

    @Test("a directory open to others that holds other things is refused and stays as it is")
    func refuseForeignDirectory() async throws {
        let directory = try TemporaryDirectory()
        try write("mine", to: "\(directory.path)/notes")
        chmod(directory.path, 0o755)
        let before = try Snapshot(directory.path)
        let error = try await openingError(directory.path)
        #expect(error.code == .notAccessible)
        #expect(error.detail.contains("chmod 0700 \(directory.path)"))
        #expect(try Snapshot(directory.path) == before)
    }

    @Test("a directory whose parent is missing is refused, with the command that makes it")
    func missingParent() async throws {
        let parent = try TemporaryDirectory()
        let error = try await openingError("\(parent.path)/a/b")
        #expect(error.code == .notAccessible)
        #expect(error.detail.contains("install -d -m 0700 \(parent.path)/a/b"))
    }

    @Test("a file in place of the directory is refused")
    func fileAsDirectory() async throws {
        let parent = try TemporaryDirectory()
        try write("x", to: "\(parent.path)/state")
        #expect(try await openingError("\(parent.path)/state").code == .notAccessible)
    }

    @Test("a second daemon is refused by the pid of the first, and gets in when that is gone")
    func secondDaemon() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        let before = try Snapshot(directory.path)
        let error = try await openingError(directory.path)
        #expect(error.code == .inUse)
        #expect(error.detail.contains(directory.path))
        #expect(error.detail.contains("process \(getpid())"))
        #expect(try Snapshot(directory.path) == before)
        try await store.close()
        try await SQLiteTokenStore.open(in: directory).close()
    }

    @Test(
        "the holder of a lock is found in /proc/locks by device and inode",
        arguments: [
            ("1: FLOCK  ADVISORY  WRITE 4711 fe:01:131074 0 EOF\n", 4711),
            ("1: POSIX  ADVISORY  WRITE 4711 fe:01:131074 0 EOF\n", nil),
            ("1: FLOCK  ADVISORY  WRITE 4711 fe:02:131074 0 EOF\n", nil),
            ("1: FLOCK  ADVISORY  WRITE 4711 fe:01:131075 0 EOF\n", nil),
            ("1: FLOCK  ADVISORY  WRITE 0 fe:01:131074 0 EOF\n", nil),
            ("1: -> FLOCK  ADVISORY  WRITE 4712 fe:01:131074 0 EOF\n", nil),
            ("nonsense\n\n1: FLOCK\n2: FLOCK  ADVISORY  WRITE 12 fe:01:131074 0 EOF", 12),
        ] as [(String, Int32?)])
    func lockHolder(text: String, expected: Int32?) {
        #expect(LockHolder.processID(in: text, device: 0xfe01, inode: 131_074) == expected)
    }

    @Test("an empty file is taken for a store yet to be made")
    func emptyFile() async throws {
        let directory = try TemporaryDirectory()
        try write("", to: "\(directory.path)/toolauthd.db")
        let store = try await SQLiteTokenStore.open(in: directory)
        _ = try await store.put(grant(key("gmail", "alice")))
        try await store.close()
    }

    @Test("what a crash left of making a store is swept away")
    func unfinishedStore() async throws {
        let directory = try TemporaryDirectory()
        for suffix in ["", "-wal", "-shm"] { try write("half", to: "\(directory.path)/toolauthd.db.new\(suffix)") }
        try await SQLiteTokenStore.open(in: directory).close()
        #expect(entries(of: directory.path) == ["master.key", "toolauthd.db"])
    }

    @Test("records survive closing and opening")
    func reopen() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        let record = try await store.put(grant(key("gmail", "alice")))
        try await store.close()
        let again = try await SQLiteTokenStore.open(in: directory)
        let loaded = try required(try await again.load(record.key))
        #expect(loaded.record == record)
        #expect(loaded.accessToken == Secret("access"))
        try await again.close()
    }

    @Test("what was answered is there after a crash, when it is only in the log")
    func crash() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        let record = try await store.put(grant(key("gmail", "alice")))
        let crashed = try TemporaryDirectory()
        try copyCrashed(store, to: crashed)
        try await store.close()
        let recovered = try await SQLiteTokenStore.open(in: crashed)
        #expect(try await recovered.load(record.key)?.refreshToken == Secret("refresh"))
        try await recovered.close()
    }

    @Test("a directory with blanks, percent signs and question marks in its name holds a store")
    func oddName() async throws {
        let parent = try TemporaryDirectory()
        let path = "\(parent.path)/a b?mode=memory#%41\u{e9}"
        for _ in 0..<2 {
            let store = try await SQLiteTokenStore.open(directory: path, keys: .file("\(path)/master.key"))
            _ = try await store.put(grant(key("gmail", "alice")))
            try await store.close()
        }
        #expect(entries(of: parent.path).count == 1)
    }
}
