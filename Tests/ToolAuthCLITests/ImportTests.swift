import Glibc
import ScriptedSocket
import Testing
import ToolAuthCore

@testable import ToolAuthCLI

@Suite("Importing")
struct ImportTests {
    private func run(
        _ arguments: [String], isTerminal: Bool = false, input: String = "", status: Int = 201
    ) async throws -> (status: Int32, world: TestWorld, calls: [ScriptedServer.Request]) {
        let server = try ScriptedServer { _ in reply(status, record()) }
        defer { server.stop() }
        let world = TestWorld(socket: server.path, isTerminal: isTerminal, input: input)
        let exit = await Program.run(["import", "gmail"] + arguments, in: world.context)
        return (exit, world, server.requests)
    }

    @Test(
        "the object on standard input goes to the daemon as it stands",
        arguments: [(201, "Imported: "), (200, "Replaced: ")])
    func standardInput(_ status: Int, _ word: String) async throws {
        let (exit, world, calls) = try await run(
            ["bob"], input: #"{ "refresh_token" : "r", "new": 1 }"#, status: status)
        #expect(exit == 0)
        #expect(calls.map(\.call) == ["PUT /v1/tools/gmail/users/bob"])
        #expect(calls.first?.body == #"{ "refresh_token" : "r", "new": 1 }"#)
        #expect(world.output.hasPrefix(word + "gmail of alice is healthy"))
    }

    @Test(
        "conditions go into the header",
        arguments: [
            ([], nil), (["--if-absent"], "If-None-Match: *"), (["--if-generation", "3"], "If-Match: \"3\""),
        ] as [([String], String?)])
    func conditions(_ arguments: [String], _ field: String?) async throws {
        let (_, _, calls) = try await run(arguments, input: "{}")
        let fields = calls.first?.head.split(separator: "\r\n").filter { $0.hasPrefix("If-") }.map(String.init)
        #expect(fields == [field].compactMap(\.self))
    }

    @Test("a file is read in place of standard input")
    func file() async throws {
        var template = Array("/tmp/toolauth-test-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        let json = #"{"access_token":"\#(String(repeating: "x", count: 60_000))"}"#
        #expect(write(descriptor, json, json.utf8.count) == json.utf8.count)
        close(descriptor)
        let (exit, _, calls) = try await run(["--file", path])
        #expect(exit == 0)
        #expect(calls.first?.body == json)
    }

    @Test(
        "what is no object of tokens is refused here, without being quoted",
        arguments: [
            "", "SECRET", #"{"access_token":SECRET}"#, #"["SECRET"]"#,
            #"{"access_token":"SECRET"}{"access_token":"SECRET"}"#,
            #"{"expires_in":"SECRET"}"#,
        ])
    func malformed(_ input: String) async throws {
        let (exit, world, calls) = try await run([], input: input)
        #expect(exit == 64)
        #expect(calls.isEmpty)
        #expect(world.errors == "Error: standard input is not one JSON object of tokens: see toolauthctl help import\n")
    }

    @Test(
        "more than the daemon takes, a file that is not there, and typing are refused",
        arguments: [
            (
                [], false, #"{"access_token":"\#(String(repeating: "x", count: 65_536))"}"#,
                "Error: standard input is longer than 64 KiB\n"
            ),
            (
                ["--file", "/nonexistent"], false, "",
                "Error: /nonexistent cannot be read (No such file or directory)\n"
            ),
            (
                ["--if-absent", "--if-generation", "1"], false, "{}",
                "Error: --if-absent and --if-generation exclude each other\n"
            ),
        ])
    func refused(_ arguments: [String], _ isTerminal: Bool, _ input: String, _ message: String) async throws {
        let (exit, world, calls) = try await run(arguments, isTerminal: isTerminal, input: input)
        #expect(exit == 64)
        #expect(calls.isEmpty)
        #expect(world.errors.hasPrefix(message))
    }

    @Test("on a terminal tokens are not typed in")
    func typed() async throws {
        let (exit, world, calls) = try await run([], isTerminal: true, input: "{}")
        #expect(exit == 64)
        #expect(calls.isEmpty)
        #expect(world.errors.contains("tokens are not typed in"))
    }
}
