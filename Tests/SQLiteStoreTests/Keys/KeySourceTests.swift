import Glibc
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct KeySourceTests {
    private static let one = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    private static let two = "k2:HxAeHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE="

    private func open(_ directory: TemporaryDirectory, _ lines: String...) async throws -> SQLiteTokenStore {
        try await SQLiteTokenStore.open(
            directory: directory.path,
            keys: .credential(name: "toolauthd.key", Secret(lines.joined(separator: "\n"))))
    }

    @Test("an empty store gets a key file of mode 0600, made whole, and keeps it")
    func generated() async throws {
        let directory = try TemporaryDirectory()
        try write("left by a crash", to: "\(directory.path)/master.key.new")
        let first = try await SQLiteTokenStore.open(in: directory)
        try await first.close()
        let path = "\(directory.path)/master.key"
        #expect(try permissions(of: path) == 0o600)
        #expect(entries(of: directory.path) == ["master.key", "toolauthd.db"])
        let text = try contents(of: path)
        #expect(try KeyRing(parsing: Secret(text), from: path).keys.count == 1)
        try await SQLiteTokenStore.open(in: directory).close()
        #expect(try contents(of: path) == text)
    }

    @Test("a key file that is there is used, not replaced")
    func existing() async throws {
        let directory = try TemporaryDirectory()
        try write(Self.one, to: "\(directory.path)/master.key")
        let store = try await SQLiteTokenStore.open(in: directory)
        #expect(store.sealer.ring.newest.id == "k1")
        try await store.close()
    }

    @Test("a key file that cannot be written is an error, and no store is made")
    func unwritable() async throws {
        let directory = try TemporaryDirectory()
        let error = try await openingError(directory.path, keys: .file("\(directory.path)/none/master.key"))
        #expect(error.code == .notAccessible)
        #expect(entries(of: directory.path).isEmpty)
    }

    @Test("a key file that is no regular file, or far too long, is refused", arguments: [true, false])
    func notAKeyFile(isDirectory: Bool) async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/master.key"
        if isDirectory { mkdir(path, 0o700) } else { try write([UInt8](repeating: 0x23, count: 70_000), to: path) }
        #expect(try await openingError(directory.path).code == .key)
    }

    @Test("a store without a grant takes any key; the ones it knew need not come back")
    func emptyStore() async throws {
        let directory = try TemporaryDirectory()
        try await open(directory, Self.one).close()
        let store = try await open(directory, Self.two)
        _ = try await store.put(grant(key("gmail", "alice")))
        try await store.close()
        try await open(directory, Self.two).close()
    }

    @Test("the newest key seals, and all open")
    func rotation() async throws {
        let directory = try TemporaryDirectory()
        let alice = try key("gmail", "alice")
        let bob = try key("gmail", "bob")
        let old = try await open(directory, Self.one)
        _ = try await old.put(grant(alice))
        try await old.close()
        let both = try await open(directory, Self.one, Self.two)
        _ = try await both.put(grant(bob))
        #expect(try await both.load(alice)?.accessToken == Secret("access"))
        #expect(try await both.load(bob)?.accessToken == Secret("access"))
        try await both.close()
        for only in [Self.one, Self.two] {
            let error = try await openingError(directory.path, keys: .credential(name: "c", Secret(only)))
            #expect(error.code == .key)
        }
    }

    @Test("a key beside its data is said to be so, whatever way its path takes; one elsewhere is not")
    func beside() async throws {
        let directory = try TemporaryDirectory()
        let elsewhere = try TemporaryDirectory()
        try write(Self.one, to: "\(elsewhere.path)/master.key")
        symlink(directory.path, "\(elsewhere.path)/link")
        func isBeside(_ keys: KeySource) async throws -> Bool {
            let store = try await SQLiteTokenStore.open(directory: directory.path, keys: keys)
            defer { remove("\(directory.path)/toolauthd.db") }
            try await store.close()
            return store.keyLiesBesideData
        }
        #expect(try await isBeside(.file("\(directory.path)/master.key")))
        #expect(try await isBeside(.file("\(elsewhere.path)/link/master.key")))
        #expect(try await !isBeside(.file("\(elsewhere.path)/master.key")))
        #expect(try await !isBeside(.credential(name: "c", Secret(Self.one))))
    }
}
