import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct StoredClockTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func reopened<Value: Sendable>(_ read: (SQLiteTokenStore) async throws -> Value) async throws -> Value {
        let store = try await SQLiteTokenStore.open(in: directory)
        let value = try await read(store)
        try await store.close()
        return value
    }

    @Test("the latest instant at which anything was stored outlives the daemon, and never goes back")
    func lastWrite() async throws {
        let alice = try key("gmail", "alice")
        #expect(try await reopened { $0.lastWriteAt } == nil)
        for second in [500, 100] as [Int64] {
            try await reopened { store in
                _ = try await store.put(grant(alice))
                let claimed = try required(
                    try await store.claim(alice, Attempt(id: "a", startedAt: .at(second))))
                _ = try await store.commit(
                    claimed, ending: "a", ifGeneration: claimed.record.generation, tokensChanged: false)
            }
        }
        #expect(try await reopened { $0.lastWriteAt } == .at(500))
    }

    @Test("the clock that was noted is told at the next opening")
    func boot() async throws {
        #expect(try await reopened { $0.lastBoot } == nil)
        let boot = BootReference(bootID: -7, offset: 1_800_000_000_123)
        try await reopened { try await $0.noteBoot(boot) }
        #expect(try await reopened { $0.lastBoot } == boot)
    }

    @Test("a record keeps by which clocks its tokens and its last attempt were written")
    func ofRecords() async throws {
        var toolAuth = grant(try key("gmail", "alice"))
        toolAuth.record.boot = BootReference(bootID: .max, offset: 1)
        toolAuth.record.attemptBoot = BootReference(bootID: .min, offset: -1)
        let stored = toolAuth
        let record = try await reopened { store in
            _ = try await store.put(stored)
            return try await store.record(stored.key)
        }
        #expect(record?.boot == toolAuth.record.boot)
        #expect(record?.attemptBoot == toolAuth.record.attemptBoot)
    }
}
