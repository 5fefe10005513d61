import ScriptedSocket
import Testing
import ToolAuthCore

@testable import ToolAuthCLI

@Suite("Master keys", .timeLimit(.minutes(1)))
struct KeysTests {
    private static let key = #"{"key_id":"k2","seals":true,"present":true,"records":{"grants":0}}"#

    private static func keys(_ old: Int, _ source: String = "file", more: String = "") -> String {
        """
        {"source":"\(source)","name":"/state/master.key","keys":[{"key_id":"k1","seals":false,"present":true,\
        "records":{"grants":\(old),"revocations":0,"authorizations":0}},{"key_id":"k2","seals":true,"present":true,\
        "records":{"grants":7,"revocations":1,"authorizations":2}}\(more)]}
        """
    }

    private static func rotation(_ resealed: Int, running: Bool, unopened: Int = 0, more: String = "") -> String {
        """
        {"running":\(running),"key_id":"k2","total":48,"resealed":\(resealed),"undecryptable":\(unopened)\(more)}
        """
    }

    /// Runs it at a daemon that gives these answers, in turn; the last for good.
    private func run(
        _ arguments: String..., isTerminal: Bool = false, answers: String...
    ) async throws -> (status: Int32, world: TestWorld, calls: [String]) {
        let rest = Locked(answers)
        let server = try ScriptedServer(answering: { _ in
            rest.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
        })
        defer { server.stop() }
        let world = TestWorld(socket: server.path, isTerminal: isTerminal)
        let status = await Program.run(["keys"] + arguments, in: world.context)
        return (status, world, server.requests.map(\.call))
    }

    @Test("keys are listed with what they sealed, where they come from, and what might be done")
    func list() async throws {
        let (status, world, calls) = try await run(answers: reply(200, Self.keys(3)))
        #expect(status == 0)
        #expect(calls == ["GET /v1/keys"])
        let lines = world.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            lines == [
                "KEY STATE GRANTS REVOCATIONS AUTHORIZATIONS", "k1 opens 3 0 0", "k2 seals 7 1 2",
                "From the file /state/master.key.",
                "To seal everything with the newest key: toolauthctl keys rotate",
            ])
        let idle = try await run("list", answers: reply(200, Self.keys(0, "credential")))
        #expect(idle.world.output.contains("From the credential /state/master.key."))
        #expect(idle.world.output.contains("Nothing needs k1 but older backups: toolauthctl keys retire k1"))
        #expect(!idle.world.output.contains("keys rotate"))
        let missing = #",{"key_id":"k9","seals":false,"present":false,"records":{"grants":1}}"#
        let lost = try await run(answers: reply(200, Self.keys(0, more: missing)))
        #expect(lost.world.output.contains("What a missing key has sealed does not open"))
        #expect(!lost.world.output.contains("retire k9"))
    }

    @Test("with --json each verb prints the daemon's own answer", arguments: ["list", "add", "retire", "rotate"])
    func json(verb: String) async throws {
        let arguments = verb == "retire" ? [verb, "k1", "--json"] : [verb, "--json"]
        let answer =
            switch verb {
            case "list": Self.keys(0)
            case "add": Self.key
            case "retire": #"{"key_id":"k1","kept_in":"/state/master.key.retired"}"#
            default: Self.rotation(48, running: false)
            }
        let server = try ScriptedServer(answering: { _ in reply(200, answer) })
        defer { server.stop() }
        let world = TestWorld(socket: server.path)
        #expect(await Program.run(["keys"] + arguments, in: world.context) == 0)
        #expect(world.output == answer + "\n")
        #expect(world.errors == "")
    }

    @Test("a new key is named, never shown, and the person is told of backup and rotation")
    func add() async throws {
        let (status, world, calls) = try await run("add", answers: reply(201, Self.key))
        #expect(status == 0)
        #expect(calls == ["POST /v1/keys"])
        #expect(
            world.output == """
                Added: k2, with which is sealed from now on. Back the key file up.
                To seal with it what older keys have sealed: toolauthctl keys rotate

                """)
    }

    @Test("a rotation is waited for; off a terminal nothing but its end is said")
    func rotate() async throws {
        let (status, world, calls) = try await run(
            "rotate", answers: reply(200, Self.rotation(0, running: true)),
            reply(200, Self.rotation(24, running: true)),
            reply(200, Self.rotation(48, running: false)))
        #expect(status == 0)
        #expect(calls == ["POST /v1/key-rotation", "GET /v1/key-rotation", "GET /v1/key-rotation"])
        #expect(world.output == "Sealed with k2: 48 records.\n")
        #expect(world.errors == "")
        #expect(world.sleeps == [.milliseconds(200), .milliseconds(200)])
    }

    @Test("on a terminal a bar shows how far it is, and goes in the end")
    func bar() async throws {
        let (_, world, _) = try await run(
            "rotate", isTerminal: true, answers: reply(200, Self.rotation(24, running: true)),
            reply(200, Self.rotation(47, running: false, unopened: 1)))
        #expect(world.errors.contains("[############            ] 24 of 48 records"))
        #expect(world.errors.hasSuffix("\r\u{1b}[K"))
        #expect(world.output.contains("Not opened by any key, and left as it is: 1 record."))
    }

    @Test("a rotation that ended early fails, and says how to go on")
    func early() async throws {
        let (status, world, _) = try await run(
            "rotate", answers: reply(200, Self.rotation(24, running: true)),
            reply(200, Self.rotation(25, running: false, more: #","problem":"The disk is full.""#)))
        #expect(status == 75)
        #expect(world.output == "")
        #expect(
            world.errors.contains("The disk is full. What is sealed anew stays so; to go on: toolauthctl keys rotate"))
    }

    @Test("a retired key's line is said to be kept, and older backups to need it")
    func retire() async throws {
        let file = try await run(
            "retire", "k/1", answers: reply(200, #"{"key_id":"k/1","kept_in":"/state/master.key.retired"}"#))
        #expect(file.calls == ["DELETE /v1/keys/k%2F1"])
        #expect(file.world.output.contains("A backup made before now does not open without it."))
        #expect(file.world.output.contains("Its line is in /state/master.key.retired: keep that with those backups"))
        let unit = try await run("retire", "k1", answers: reply(200, #"{"key_id":"k1","credential":"toolauthd.key"}"#))
        #expect(unit.world.output.contains("Take its line out of the credential toolauthd.key"))
    }

    @Test(
        "refusals have their exit status and the daemon's words",
        arguments: [
            (409, "key-in-use", Int32(64)), (404, "unknown-key", 66), (409, "keys-read-only", 78),
            (503, "store-unavailable", 75), (403, "forbidden", 77),
        ])
    func refused(status: Int, code: String, exit: Int32) async throws {
        let result = try await run("retire", "k1", answers: problem(status, code, "Because of this."))
        #expect(result.status == exit)
        #expect(result.world.errors.contains("Because of this"), "\(result.world.errors)")
        #expect(try await run("retire", "", answers: reply(200, "{}")).status == 64)
    }

    @Test(
        "a bar is as full as what is done",
        arguments: [(0, 10, 0), (5, 10, 12), (9, 10, 21), (10, 10, 24), (11, 10, 24), (-1, 10, 0), (0, 0, 24)])
    func bars(done: Int, total: Int, filled: Int) {
        let bar = progressBar(done, of: total)
        #expect(bar.count == 26)
        #expect(bar.filter { $0 == "#" }.count == filled)
    }
}
