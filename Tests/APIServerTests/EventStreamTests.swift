import HTTPTypes
import SocketAPI
import Telemetry
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("The stream of events")
struct EventStreamTests {
    private static let start = Sample.time.millisecondsSinceEpoch * 1000

    private static func record(_ tool: String, _ user: String) throws -> ToolAuthRecord {
        let key = ToolAuthKey(try #require(ToolID(tool)), try #require(UserID(user)))
        return ToolAuthRecord(
            key: key, tokenType: "Bearer", scope: "", obtainedAt: Sample.time, expiresAt: nil, hasAccessToken: true,
            hasRefreshToken: true, clientID: "c", tokenOrigin: "https://id.example.com:443", createdAt: Sample.time)
    }

    private static func refreshed(_ tool: String = "github", _ user: String = "alice") throws -> ToolAuthEvent {
        ToolAuthEvent(.refreshed, at: Sample.time, record: try record(tool, user))
    }

    @Test("begins with where it begins, and tells each event once with its record")
    func stream() async throws {
        let hub = EventHub(startedAt: Sample.time)
        try await withServer(events: hub) { server in
            let client = try server.connect()
            try await client.send(request("GET", "/v1/events"))
            let opening = try await client.readText { $0.contains("id: \(Self.start)\n\n") }
            #expect(opening.contains("HTTP/1.1 200 OK"))
            #expect(opening.lowercased().contains("content-type: text/event-stream"))
            #expect(opening.lowercased().contains("cache-control: no-store"))
            #expect(opening.contains("retry: 1000\n"))
            hub.publish(try Self.refreshed())
            hub.publish(
                ToolAuthEvent(.toolPaused, at: Sample.time, toolID: Sample.key.toolID, detail: "The client is unknown.")
            )
            hub.publish(ToolAuthEvent(.configurationReloaded, at: Sample.time, toolID: nil, detail: nil))
            let text = try await client.readText { $0.contains("data: {}") }
            #expect(text.contains("id: \(Self.start + 1)\nevent: auth.refreshed\ndata: {\"consecutive_failures\":0"))
            #expect(text.contains("\"user_id\":\"alice\""))
            #expect(
                text.contains(
                    "id: \(Self.start + 2)\nevent: tool.paused\ndata: {\"provider\":\"github\",\"reason\":\"The client is unknown.\",\"status\":\"paused\""
                ))
            #expect(text.contains("id: \(Self.start + 3)\nevent: configuration.reloaded\ndata: {}"))
        }
    }

    @Test("goes on where a reader stopped; one who was away too long, or asks for another process's, looks anew")
    func resumes() async throws {
        let hub = EventHub(startedAt: Sample.time, capacity: 3)
        try await withServer(events: hub) { server in
            let first = try server.connect()
            try await first.send(request("GET", "/v1/events"))
            _ = try await first.readText { $0.contains("\n\n") && $0.contains("retry") }
            for user in ["a", "b", "c", "d"] { hub.publish(try Self.refreshed("github", user)) }

            let second = try server.connect()
            try await second.send(request("GET", "/v1/events", "Last-Event-ID: \(Self.start + 2)"))
            let text = try await second.readText { $0.contains("\"user_id\":\"d\"") }
            #expect(!text.contains("\"user_id\":\"b\""))
            #expect(text.contains("\"user_id\":\"c\""))
            #expect(!text.contains("event: reset"))

            for unknown in ["\(Self.start)", "\(Self.start + 99)", "7", "", "abc"] {
                let client = try server.connect()
                try await client.send(request("GET", "/v1/events", "Last-Event-ID: \(unknown)"))
                let text = try await client.readText { $0.contains("data: {}") }
                #expect(text.contains("id: \(Self.start + 4)\nevent: reset\ndata: {}"), "\(unknown)")
            }
        }
    }

    @Test("events that come together are told in chunks that a client takes")
    func chunks() async throws {
        let hub = EventHub(startedAt: Sample.time)
        let first = hub.follow(after: nil)
        defer { first.cancel() }
        var record = try Self.record("github", "alice")
        record.metadata = ["note": String(repeating: "x", count: 10_000)]
        for _ in 0..<50 { hub.publish(ToolAuthEvent(.refreshed, at: Sample.time, record: record)) }
        hub.publish(ToolAuthEvent(.configurationReloaded, at: Sample.time, toolID: nil, detail: nil))
        try await withServer(events: hub) { server in
            let client = try server.connect()
            try await client.send(request("GET", "/v1/events", "Last-Event-ID: \(Self.start)"))
            let text = try await client.readText { $0.contains("event: configuration.reloaded") }
            #expect(text.split(separator: "\n").count { $0 == "event: auth.refreshed" } == 50)
            let sizes = text.split(separator: "\r\n").compactMap { Int($0, radix: 16) }
            #expect(sizes.contains { $0 > 50_000 })
            #expect(sizes.allSatisfy { $0 <= 1 << 16 })
        }
    }

    @Test("shows what the rule covers and was asked for, and nothing else")
    func scope() async throws {
        let scope = AccessScope(tools: [ByteGlob("git*")], users: [ByteGlob("alice")])
        let github = try #require(ToolID("github"))
        let alice = try #require(UserID("alice"))
        let own = try Self.refreshed()
        #expect(own.isShown(in: scope, toolID: nil, userID: nil))
        #expect(own.isShown(in: scope, toolID: github, userID: alice))
        #expect(!own.isShown(in: scope, toolID: ToolID("gitlab"), userID: nil))
        #expect(!own.isShown(in: .all, toolID: nil, userID: UserID("bob")))
        #expect(try !Self.refreshed("gmail").isShown(in: scope, toolID: nil, userID: nil))
        #expect(try !Self.refreshed("github", "bob").isShown(in: scope, toolID: nil, userID: nil))
        let paused = ToolAuthEvent(.toolPaused, at: Sample.time, toolID: github, detail: nil)
        #expect(paused.isShown(in: scope, toolID: nil, userID: nil))
        #expect(paused.isShown(in: scope, toolID: github, userID: nil))
        #expect(!paused.isShown(in: scope, toolID: nil, userID: alice))
        let reloaded = ToolAuthEvent(.configurationReloaded, at: Sample.time, toolID: nil, detail: nil)
        #expect(reloaded.isShown(in: scope, toolID: nil, userID: nil))
        #expect(!reloaded.isShown(in: scope, toolID: github, userID: nil))
    }

    @Test("ends when the daemon stops, and when the reader leaves nothing of it stays")
    func ends() async throws {
        let hub = EventHub(startedAt: Sample.time)
        try await withServer(events: hub) { server in
            let client = try server.connect()
            try await client.send(request("GET", "/v1/events"))
            _ = try await client.readText { $0.contains("retry") }
            await server.beginShutdown()
            // The last chunk, and then the end of the connection.
            let rest = try await client.readToEnd()
            #expect(String(decoding: rest, as: UTF8.self).hasSuffix("0\r\n\r\n"))
        }
        let other = EventHub(startedAt: Sample.time)
        try await withServer(events: other) { server in
            do {
                let client = try server.connect()
                try await client.send(request("GET", "/v1/events"))
                _ = try await client.readText { $0.contains("retry") }
                try await eventually("he waits") { other.waitingCount == 1 }
            }
            try await eventually("he is forgotten") { other.waitingCount == 0 }
        }
    }

    @Test("a reader who reads nothing is dropped once the history has moved past him, and others are not held up")
    func slowReader() async throws {
        let hub = EventHub(startedAt: Sample.time, capacity: 50)
        let follower = hub.follow(after: nil)
        for _ in 0..<60 { hub.publish(try Self.refreshed()) }
        #expect(await follower.next() == nil)
        let quick = hub.follow(after: nil)
        hub.publish(try Self.refreshed())
        #expect(await quick.next()?.count == 1)
    }
}
