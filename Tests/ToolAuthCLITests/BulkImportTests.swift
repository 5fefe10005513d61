import Glibc
import ScriptedSocket
import Testing
import ToolAuthCore

@testable import ToolAuthCLI

@Suite("Importing many grants")
struct BulkImportTests {
    private func run(
        _ input: String, _ arguments: [String] = ["-"],
        answering answer: @escaping @Sendable (ScriptedServer.Request) -> String
    ) async throws -> (status: Int32, world: TestWorld, calls: [ScriptedServer.Request]) {
        let server = try ScriptedServer(answering: answer)
        defer { server.stop() }
        let world = TestWorld(socket: server.path, input: input)
        let exit = await Program.run(["import"] + arguments, in: world.context)
        return (exit, world, server.requests)
    }

    private func line(_ user: Int) -> String {
        #"{"tool_id":"gmail","user_id":"user\#(user)","refresh_token":"r\#(user)"}"#
    }

    @Test("each line is imported once, without its ids in the body")
    func lines() async throws {
        let input = (1...200).map(line).joined(separator: "\n")
        let (exit, world, calls) = try await run(input) { _ in reply(201, record()) }
        #expect(exit == 0)
        #expect(world.output == "200 imported\n")
        #expect(Set(calls.map(\.call)).count == 200)
        #expect(calls.allSatisfy { $0.call.hasPrefix("PUT /v1/tools/gmail/users/user") })
        #expect(Set(calls.map(\.body)) == Set((1...200).map { #"{"refresh_token":"r\#($0)"}"# }))
    }

    @Test("lines that do not go are told with their number and without a word of them; the others go on")
    func badLines() async throws {
        let input = """
            \(line(1))
            SECRET

            {"tool_id":"gmail","user_id":"alice","acess_token":"SECRET"}
            {"user_id":"alice","access_token":"SECRET"}
            {"tool_id":"Gmail","user_id":"alice","access_token":"SECRET"}
            {"tool_id":"gmail","user_id":"..","access_token":"SECRET"}
            {"tool_id":"gmail","user_id":"alice","access_token":7}
            \(String(repeating: "x", count: 70_000))
            \(line(2))
            """
        let (exit, world, calls) = try await run(input) { _ in reply(201, record()) }
        #expect(exit == ExitStatus.usage.rawValue)
        #expect(calls.count == 2)
        #expect(world.output == "2 imported, 7 failed\n")
        let told = world.errors.split(separator: "\n").map(String.init)
        #expect(!world.errors.contains("SECRET"))
        #expect(told.filter { $0.hasPrefix("line ") }.count == 7)
        #expect(told.contains("line 4: it has an unknown member; did you mean access_token?"))
        #expect(told.contains("line 5: it has no tool_id"))
        #expect(told.contains("line 6: no tool can have this tool_id"))
        #expect(told.contains("line 7: no user can have this user_id"))
        #expect(told.contains("line 9: it is longer than 64 KiB"))
        #expect(world.errors.contains("7 lines were not imported"))
    }

    @Test("what may pass is tried again; what the daemon refuses is not")
    func retries() async throws {
        let (exit, world, calls) = try await run(line(1) + "\n" + line(2)) { request in
            request.call.hasSuffix("user1")
                ? problem(503, "store-unavailable", "The disk is full.")
                : problem(404, "unknown-tool", "There is no such tool.")
        }
        #expect(exit != 0)
        #expect(calls.filter { $0.call.hasSuffix("user1") }.count == 6)
        #expect(calls.filter { $0.call.hasSuffix("user2") }.count == 1)
        #expect(world.sleeps.count == 5)
        #expect(world.errors.contains("line 1: gmail of user1: The disk is full."))
        #expect(world.errors.contains("line 2: gmail of user2: There is no such tool."))
    }

    @Test("a file is told from a tool by its name, and takes no user")
    func names() async throws {
        let world = TestWorld()
        #expect(await world.run("import", "./gmail") == ExitStatus.usage.rawValue)
        #expect(world.errors.contains("./gmail cannot be read"))
        #expect(await world.run("import", "grants.jsonl", "alice") == 64)
        #expect(await world.run("import", "-", "--if-generation", "3") == 64)
    }

    @Test("a directory is no empty file, nor is a stream that breaks off its end: what went is counted")
    func unreadable() async throws {
        let world = TestWorld()
        #expect(await world.run("import", "/") == ExitStatus.inputOutput.rawValue)
        #expect(world.output == "0 imported\n")
        #expect(world.errors == "Error: / cannot be read (Is a directory)\n")
        #expect(await world.run("import", "gmail", "--file", "/") == ExitStatus.inputOutput.rawValue)
        let server = try ScriptedServer { _ in reply(201, record()) }
        defer { server.stop() }
        let broken = TestWorld(socket: server.path, input: line(1) + "\n" + line(2))
        var context = broken.context
        let input = context.input
        context.input.read = { most throws(StandardInput.ReadFailure) in
            let bytes = try input.read(most)
            if bytes.isEmpty { throw StandardInput.ReadFailure(errno: EIO) }
            return bytes
        }
        #expect(await Program.run(["import", "-"], in: context) == ExitStatus.inputOutput.rawValue)
        #expect(broken.output == "1 imported\n")
        #expect(broken.errors == "Error: standard input cannot be read (Input/output error)\n")
        // What comes behind may be the rest of a line that is half there.
        #expect(server.requests.count == 1)
    }

    @Test("an end with JSON counts")
    func json() async throws {
        let (_, world, calls) = try await run(line(1), ["-", "--json", "--if-absent"]) { _ in reply(200, record()) }
        #expect(world.output == #"{"created":0,"replaced":1,"failed":0}"# + "\n")
        #expect(calls.first?.head.contains("If-None-Match: *") == true)
    }

    @Test("lines come off a stream whole, however it is read", arguments: [1, 2, 3, 7, 64_000])
    func reader(_ step: Int) {
        let bytes = Array("ab\n\ncd\r\n0123456789\nlast".utf8)
        nonisolated(unsafe) var rest = bytes[...]
        let input = StandardInput(isTerminal: false) { most in
            let part = rest.prefix(min(step, most))
            rest = rest.dropFirst(part.count)
            return Array(part)
        }
        var reader = LineReader(input, limit: 8)
        var lines: [LineReader.Line] = []
        while let line = reader.next() { lines.append(line) }
        let text = { (text: String) in LineReader.Line.text(Array(text.utf8)) }
        #expect(lines == [text("ab"), text(""), text("cd"), .tooLong, text("last")])
        #expect(reader.consumed == bytes.count)
    }
}
