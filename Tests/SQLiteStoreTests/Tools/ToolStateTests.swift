import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct ToolStateTests {
    private let directory: TemporaryDirectory
    private let gmail: ToolID

    init() throws {
        directory = try TemporaryDirectory()
        gmail = try required(ToolID("gmail"))
    }

    @Test("pauses and plans outlive the daemon, each without touching the other")
    func states() async throws {
        let pause = ToolPause(.clientRejected, detail: "The provider says “no”.", since: .at(5))
        let store = try await SQLiteTokenStore.open(in: directory)
        #expect(try await store.toolStates().isEmpty)
        try await store.setPlan(gmail, "v1 eager")
        try await store.setPause(gmail, pause)
        try await store.close()
        let again = try await SQLiteTokenStore.open(in: directory)
        #expect(try await again.toolStates() == [gmail: ToolState(pause: pause, plan: "v1 eager")])
        try await again.setPlan(gmail, "v1 active")
        #expect(try await again.toolStates()[gmail] == ToolState(pause: pause, plan: "v1 active"))
        try await again.setPause(gmail, nil)
        #expect(try await again.toolStates()[gmail] == ToolState(pause: nil, plan: "v1 active"))
        try await again.close()
    }
}

@Suite struct BindingTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteTokenStore
    private let gmail: ToolID

    init() async throws {
        directory = try TemporaryDirectory()
        store = try await SQLiteTokenStore.open(in: directory)
        gmail = try required(ToolID("gmail"))
    }

    private func put(_ user: String, client: String, origin: String) async throws {
        var toolAuth = grant(try key("gmail", user))
        toolAuth.record.clientID = client
        toolAuth.record.tokenOrigin = origin
        _ = try await store.put(toolAuth)
    }

    private func bindings() async throws -> [String: Int] {
        let counted = try await store.bindings()[gmail] ?? [:]
        return Dictionary(uniqueKeysWithValues: counted.map { ("\($0.clientID) \($0.tokenOrigin)", $1) })
    }

    @Test("whose tokens there are is counted through every change")
    func counted() async throws {
        try await put("alice", client: "one", origin: "https://a:443")
        try await put("bob", client: "one", origin: "https://a:443")
        #expect(try await bindings() == ["one https://a:443": 2])
        try await put("bob", client: "two", origin: "https://a:443")
        #expect(try await bindings() == ["one https://a:443": 1, "two https://a:443": 1])
        _ = try await store.delete(key("gmail", "bob"), .none, revocationDeadline: nil, now: .at(0))
        #expect(try await bindings() == ["one https://a:443": 1])
        _ = try await store.delete(key("gmail", "alice"), .none, revocationDeadline: nil, now: .at(0))
        #expect(try await bindings().isEmpty)
        try await store.close()
    }

    @Test("moved tokens count as got from the other server, however many, and open as before")
    func moved() async throws {
        for index in 0..<1100 { try await put("user-\(index)", client: "one", origin: "https://a:443") }
        try await put("alice", client: "one", origin: "https://c:443")
        try await store.moveTokens(of: gmail, from: "https://a:443", to: "https://b:443")
        #expect(try await bindings() == ["one https://b:443": 1100, "one https://c:443": 1])
        #expect(try await store.load(key("gmail", "user-7"))?.refreshToken == Secret("refresh"))
        try await store.moveTokens(of: gmail, from: "https://a:443", to: "https://b:443")
        #expect(try await bindings().count == 2)
        try await store.close()
    }
}
