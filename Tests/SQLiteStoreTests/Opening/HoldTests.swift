import GRDB
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct HoldTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// What holds the store when it is opened so.
    private func hold(machineID: String?) async throws -> StoreHold? {
        let store = try await SQLiteTokenStore.open(in: directory, machineID: machineID)
        let hold = store.hold
        try await store.close()
        return hold
    }

    private func with(machineID: String?, _ body: (SQLiteTokenStore) async throws -> Void) async throws {
        let store = try await SQLiteTokenStore.open(in: directory, machineID: machineID)
        try await body(store)
        try await store.close()
    }

    /// As a restore does, to the store it makes.
    private func markRestored(_ store: SQLiteTokenStore) async throws {
        try await store.writes.perform { db in
            try db.execute(sql: "UPDATE store_state SET hold = ?", arguments: [StoreHold.restored.rawValue])
        }
    }

    @Test("a store remembers its machine, and is held on another until that is resumed, for good")
    func machine() async throws {
        #expect(try await hold(machineID: "one") == nil)
        #expect(try await hold(machineID: nil) == nil)
        for _ in 0..<2 { #expect(try await hold(machineID: "two") == .foreignMachine) }
        try await with(machineID: "two") { store in
            try await store.resume()
            #expect(store.hold == nil)
        }
        #expect(try await hold(machineID: "two") == nil)
        #expect(try await hold(machineID: "one") == .foreignMachine)
    }

    @Test("a restored store is held at every start until it is resumed")
    func restored() async throws {
        try await with(machineID: "one") { store in
            try await markRestored(store)
        }
        for _ in 0..<2 { #expect(try await hold(machineID: "one") == .restored) }
        try await with(machineID: "one") { try await $0.resume() }
        #expect(try await hold(machineID: "one") == nil)
    }

    @Test("a restored store of another machine is resumed once for both")
    func both() async throws {
        try await with(machineID: "one") { try await markRestored($0) }
        try await with(machineID: "two") { store in
            #expect(store.hold != nil)
            try await store.resume()
        }
        #expect(try await hold(machineID: "two") == nil)
    }

    @Test("tokens are read and stored while it is held")
    func readable() async throws {
        try await with(machineID: "one") { _ = try await $0.put(grant(key("gmail", "alice"))) }
        try await with(machineID: "two") { store in
            #expect(try await store.load(key("gmail", "alice"))?.accessToken == Secret("access"))
            _ = try await store.put(grant(key("gmail", "bob")))
        }
    }
}
