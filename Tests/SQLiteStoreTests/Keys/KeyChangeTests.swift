import GRDB
import Glibc
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

/// A new key, and an old one that goes, while the store is open.
@Suite struct KeyChangeTests {
    private static let one = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    private static let two = "k2:HxAeHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE="
    private let directory: TemporaryDirectory
    private let alice: ToolAuthKey
    private let bob: ToolAuthKey
    private var file: String { "\(directory.path)/master.key" }

    init() throws {
        directory = try TemporaryDirectory()
        alice = try key("gmail", "alice")
        bob = try key("gmail", "bob")
        try write("# ours\n\(Self.one)\n", to: file)
    }

    private func fileText() throws -> String { String(decoding: try contents(of: file), as: UTF8.self) }

    /// What `change` throws.
    private func error<Value>(_ change: () async throws(StoreError) -> Value) async throws -> StoreError {
        do throws(StoreError) { _ = try await change() } catch { return error }
        throw Missing()
    }

    private func added(_ store: SQLiteTokenStore) async throws -> String {
        guard case .added(let id) = try await store.addMasterKey() else { throw Missing() }
        return id
    }

    private func resealAll(_ store: SQLiteTokenStore) async throws {
        let goal = try await store.beginResealing()
        var position: ResealingPosition?
        repeat { position = try await store.reseal(from: position, limit: 10).next } while position != nil
        #expect(try await store.endResealing(to: goal.keyID))
    }

    @Test("a key that is added seals at once, lies in the file behind the others, and is known to the store")
    func adds() async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        _ = try await store.put(grant(alice))
        let id = try await added(store)
        _ = try await store.put(grant(bob))
        #expect(
            try await store.masterKeys()
                == MasterKeys(
                    [
                        MasterKeySummary(id: "k1", isSealing: false, isPresent: true, records: SealedCounts(grants: 1)),
                        MasterKeySummary(id: id, isSealing: true, isPresent: true, records: SealedCounts(grants: 1)),
                    ], from: .file(file)))
        #expect(try fileText().hasPrefix("# ours\n\(Self.one)\n\(id):"))
        #expect(try permissions(of: file) == 0o600)
        #expect(!entries(of: directory.path).contains("master.key.new"))
        for user in [alice, bob] { #expect(try await store.load(user)?.refreshToken == Secret("refresh")) }
        try await store.close()
        let again = try await SQLiteTokenStore.open(in: directory)
        for user in [alice, bob] { #expect(try await again.load(user)?.refreshToken == Secret("refresh")) }
        try await again.close()
        try write("# ours\n\(Self.one)\n", to: file)
        #expect(try await openingError(directory.path).detail.contains("sealed with the key \(id)"))
    }

    @Test("a file that is a link, and another's mode, stay so")
    func link() async throws {
        let elsewhere = try TemporaryDirectory()
        try write("\(Self.one)\n", to: "\(elsewhere.path)/keys", mode: 0o400)
        unlink(file)
        symlink("\(elsewhere.path)/keys", file)
        let store = try await SQLiteTokenStore.open(in: directory)
        let id = try await added(store)
        #expect(try fileText().contains(id))
        #expect(entries(of: elsewhere.path) == ["keys"])
        #expect(try permissions(of: "\(elsewhere.path)/keys") == 0o400)
        try await store.close()
    }

    @Test("keys of a credential are not the store's to change; one that it does not need any more is forgotten")
    func credential() async throws {
        let one = try await SQLiteTokenStore.open(
            directory: directory.path, keys: .credential(name: "toolauthd.key", Secret(Self.one)))
        _ = try await one.put(grant(alice))
        #expect(try await one.addMasterKey() == .readOnly(credential: "toolauthd.key"))
        try await one.close()
        let both = try await SQLiteTokenStore.open(
            directory: directory.path, keys: .credential(name: "toolauthd.key", Secret("\(Self.one)\n\(Self.two)")))
        #expect(try await both.retireMasterKey("k1") == .inUse(SealedCounts(grants: 1)))
        try await resealAll(both)
        #expect(try await both.retireMasterKey("k1") == .released(credential: "toolauthd.key"))
        try await both.close()
        let two = try await SQLiteTokenStore.open(
            directory: directory.path, keys: .credential(name: "toolauthd.key", Secret(Self.two)))
        #expect(try await two.load(alice)?.accessToken == Secret("access"))
        try await two.close()
    }

    @Test("a key is not retired while it seals, is unknown, or has sealed a grant, a flow or a revocation")
    func needed() async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        #expect(try await store.retireMasterKey("k1") == .sealing)
        #expect(try await store.retireMasterKey("none") == .unknown)
        _ = try await store.put(grant(alice))
        #expect(
            try await store.begin(pendingAuthorization("flow", bob, state: "s"), perRecord: 5, inAll: 9))
        try await store.enqueueRevocation(grant(bob), deadline: .at(900), now: .at(1))
        _ = try await added(store)
        let before = try fileText()
        #expect(
            try await store.retireMasterKey("k1") == .inUse(SealedCounts(grants: 1, revocations: 1, authorizations: 1)))
        _ = try await store.delete(alice, .none, revocationDeadline: nil, now: .at(1))
        #expect(
            try await store.retireMasterKey("k1") == .inUse(SealedCounts(grants: 0, revocations: 1, authorizations: 1)))
        #expect(try fileText() == before)
        #expect(!entries(of: directory.path).contains("master.key.retired"))
        try await store.close()
    }

    @Test("a retired key leaves the file for one beside it, and the store starts without it")
    func retires() async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        _ = try await store.put(grant(alice))
        let id = try await added(store)
        try await resealAll(store)
        #expect(try await store.retireMasterKey("k1") == .retired(keptIn: "\(file).retired"))
        #expect(try fileText().hasPrefix("# ours\n\(id):"))
        #expect(try permissions(of: "\(file).retired") == 0o600)
        let kept = String(decoding: try contents(of: "\(file).retired"), as: UTF8.self)
        #expect(kept == KeyFileText.retiredHeading + Self.one + "\n")
        #expect(try await store.masterKeys().keys.map(\.id) == [id])
        #expect(try await store.retireMasterKey("k1") == .unknown)
        // The next one goes behind it.
        let third = try await added(store)
        try await resealAll(store)
        #expect(try await store.retireMasterKey(id) == .retired(keptIn: "\(file).retired"))
        let both = String(decoding: try contents(of: "\(file).retired"), as: UTF8.self)
        #expect(both.hasPrefix(kept + id))
        try await store.close()
        let again = try await SQLiteTokenStore.open(in: directory)
        #expect(again.keys.ring.keys.map(\.id) == [third])
        #expect(try await again.load(alice)?.refreshToken == Secret("refresh"))
        try await again.close()
    }

    @Test("a retirement that a crash cut short, before the file was written, is completed by the next")
    func retiredHalfway() async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        let id = try await added(store)
        let both = try fileText()
        #expect(try await store.retireMasterKey("k1") == .retired(keptIn: "\(file).retired"))
        try await store.close()
        try write(both, to: file)
        let again = try await SQLiteTokenStore.open(in: directory)
        #expect(try await again.retireMasterKey("k1") == .retired(keptIn: "\(file).retired"))
        #expect(try fileText().hasPrefix("# ours\n\(id):"))
        let kept = String(decoding: try contents(of: "\(file).retired"), as: UTF8.self)
        #expect(kept == KeyFileText.retiredHeading + Self.one + "\n", "it is kept once")
        try await again.close()
    }

    @Test(
        "a file that lost a key, or went, or is open to others, is not written over",
        arguments: ["", "\(two)\n", "\(one)\nnonsense\n", "k1\(two.dropFirst(2))\n"])
    func changedByHand(text: String) async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        _ = try await store.put(grant(alice))
        if text.isEmpty { unlink(file) } else { try write(text, to: file) }
        #expect(try await error { () async throws(StoreError) in try await store.addMasterKey() }.code == .key)
        #expect(store.keys.ring.keys.map(\.id) == ["k1"])
        #expect(try text.isEmpty ? access(file, F_OK) != 0 : fileText() == text)
        #expect(try store.strings("SELECT key_id FROM master_keys") == ["k1"])
        try await store.close()
    }

    @Test("a file that cannot be written changes nothing, and what is added afterwards is")
    func unwritable() async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        // A directory that cannot be removed, in the way of the new file.
        mkdir("\(file).new", 0o700)
        let before = try fileText()
        let failure = try await error { () async throws(StoreError) in try await store.addMasterKey() }
        #expect(failure.code == .notAccessible)
        #expect(failure.detail.contains("cannot be written"))
        #expect(try fileText() == before)
        #expect(store.keys.ring.newest.id == "k1")
        rmdir("\(file).new")
        let id = try await added(store)
        mkdir("\(file).retired", 0o700)
        #expect(
            try await error { () async throws(StoreError) in try await store.retireMasterKey("k1") }.code == .key)
        #expect(store.keys.ring.keys.map(\.id) == ["k1", id])
        #expect(try store.strings("SELECT key_id FROM master_keys WHERE key_id = 'k1'") == ["k1"])
        try await store.close()
    }

    @Test("the file does not grow beyond what can be read again")
    func full() async throws {
        let room = 1 << 16
        let text = Self.one + "\n#" + String(repeating: "-", count: room - Self.one.utf8.count - 3) + "\n"
        #expect(text.utf8.count == room)
        try write(text, to: file)
        let store = try await SQLiteTokenStore.open(in: directory)
        let failure = try await error { () async throws(StoreError) in try await store.addMasterKey() }
        #expect(failure.detail.contains("too large"))
        #expect(try fileText() == text)
        try await store.close()
    }

    @Test("keys are changed by one at a time, and the next is let in after it")
    func oneAtATime() async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        try store.keys.beginChange()
        for change in [true, false] {
            let failure = try await error { () async throws(StoreError) in
                if change { _ = try await store.addMasterKey() } else { _ = try await store.retireMasterKey("k1") }
            }
            #expect(failure.code == .inUse)
        }
        store.keys.endChange()
        _ = try await added(store)
        try await store.close()
    }

    @Test("a line that somebody added by hand comes in with the next key, before it")
    func addedByHand() async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        try write("\(Self.one)\n\(Self.two)\n", to: file)
        let id = try await added(store)
        #expect(store.keys.ring.keys.map(\.id) == ["k1", "k2", id])
        try await store.close()
    }

    @Test("a backup from before a retirement opens with the retired key's line put back, and not without it")
    func backup() async throws {
        let store = try await SQLiteTokenStore.open(in: directory)
        _ = try await store.put(grant(alice))
        let backup = try await read(try await store.backup())
        _ = try await added(store)
        try await resealAll(store)
        _ = try await store.retireMasterKey("k1")
        try await store.close()
        let target = try TemporaryDirectory()
        let targetFile = "\(target.path)/master.key"
        try write(try fileText(), to: targetFile)
        let refusal = #expect(throws: StoreError.self) { try restore(backup, into: target) }
        #expect(refusal?.detail.contains("sealed with the key k1") == true)
        try write(Self.one + "\n" + (try fileText()), to: targetFile)
        try restore(backup, into: target)
        let restored = try await SQLiteTokenStore.open(in: target)
        #expect(try await restored.load(alice)?.refreshToken == Secret("refresh"))
        try await restored.close()
    }
}
