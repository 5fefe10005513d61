import Glibc
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite(.enabled(if: SmallDisk.isAvailable, "needs the right to mount a tmpfs"))
struct DiskFullTests {
    /// Takes all the room there is.
    private func fill(_ disk: SmallDisk) throws {
        guard let file = fopen("\(disk.path)/ballast", "w") else { throw SystemFailure(errno) }
        defer { fclose(file) }
        setvbuf(file, nil, _IONBF, 0)
        let block = [UInt8](repeating: 1, count: 4096)
        while fwrite(block, 1, block.count, file) == block.count {}
        guard errno == ENOSPC else { throw SystemFailure(errno) }
    }

    @Test("on a full disk writes fail as io and reads go on; with room again writes work")
    func fullAndBack() async throws {
        let disk = try SmallDisk(kibibytes: 2048)
        let store = try await SQLiteTokenStore.open(directory: disk.path, keys: .file("\(disk.path)/master.key"))
        let alice = try await store.put(grant(key("gmail", "alice")))
        try fill(disk)
        // What is left of the log's last pages may still take a little.
        let large = grant(try key("gmail", "bob"), access: String(repeating: "a", count: 100_000))
        let error = await #expect(throws: StoreError.self) { try await store.put(large, .none) }
        #expect(error?.code == .io)
        #expect(error?.detail.contains("\(disk.path)/toolauthd.db is full") == true, "\(error?.detail ?? "")")
        #expect(try await store.load(alice.key)?.accessToken == Secret("access"))
        try await store.probe()
        #expect(try await store.load(large.key) == nil)

        unlink("\(disk.path)/ballast")
        let bob = try await store.put(large)
        #expect(bob.generation > alice.generation)
        try await store.close()
        let again = try await SQLiteTokenStore.open(directory: disk.path, keys: .file("\(disk.path)/master.key"))
        #expect(try await again.records(RecordQuery()).records.map(\.key) == [alice.key, bob.key])
        try await again.close()
    }

    @Test("on a full disk many writes at once each fail as io, and none is stored")
    func manyAtOnce() async throws {
        let disk = try SmallDisk(kibibytes: 2048)
        let store = try await SQLiteTokenStore.open(directory: disk.path, keys: .file("\(disk.path)/master.key"))
        try fill(disk)
        let codes = await withTaskGroup(of: StoreError.Code?.self) { group in
            for index in 0..<20 {
                group.addTask {
                    do throws(StoreError) {
                        guard let toolID = ToolID("gmail"), let userID = UserID("user\(index)") else { return nil }
                        let large = grant(ToolAuthKey(toolID, userID), access: String(repeating: "a", count: 100_000))
                        _ = try await store.put(large, .none)
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes == [StoreError.Code?](repeating: .io, count: 20))
        #expect(try await store.records(RecordQuery()).records.isEmpty)
        try await store.close()
    }

    @Test("a store cannot be made on a full disk: io, and nothing is left behind")
    func newStore() async throws {
        let disk = try SmallDisk(kibibytes: 64)
        try fill(disk)
        let error = try await openingError(
            disk.path, keys: .credential(name: "k", Secret("k:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")))
        #expect(error.code == .io)
        #expect(entries(of: disk.path) == ["ballast"])
    }
}
