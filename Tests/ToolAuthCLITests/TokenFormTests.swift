import Glibc
import ScriptedSocket
import Testing

@testable import ToolAuthCLI

@Suite("Forms of a token")
struct TokenFormTests {
    private func run(
        _ arguments: String..., token: String = "t0k3n"
    ) async throws -> (status: Int32, world: TestWorld) {
        let server = try ScriptedServer { _ in
            let fields = #""token_type":"bearer","expires_at":null,"expires_in":null,"scope":"","generation":7"#
            return reply(200, #"{"access_token":"\#(token)",\#(fields),"metadata":{}}"#)
        }
        defer { server.stop() }
        let world = TestWorld(socket: server.path)
        return (await Program.run(["token", "gmail"] + arguments, in: world.context), world)
    }

    @Test("an assignment that a shell takes for one word")
    func assignment() async throws {
        #expect(try await run("--env", "GH_TOKEN").world.output == "GH_TOKEN=t0k3n\n")
        #expect(try await run("--env", "_T1", token: "a b$(x)'").world.output == #"_T1='a b$(x)'\'''"# + "\n")
    }

    @Test("the initial response of SASL XOAUTH2, as Google documents it")
    func xoauth2() async throws {
        let token = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"
        let world = try await run("--xoauth2", "someuser@example.com", token: token).world
        let expected =
            "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52"
            + "YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
        #expect(world.output == expected + "\n")
    }

    @Test(
        "forms exclude each other, and names are names",
        arguments: [
            ["--env", "A", "--json"], ["--header", "--xoauth2", "a@b"], ["--env", "1A"], ["--env", "A-B"],
            ["--env", ""], ["--xoauth2", "a\u{1}b"],
        ])
    func refused(_ arguments: [String]) async {
        let world = TestWorld()
        #expect(await Program.run(["token", "gmail"] + arguments, in: world.context) == 64)
        #expect(world.output.isEmpty)
    }

    @Test("a program that is not there ends with words, not with the token")
    func noProgram() async throws {
        let (status, world) = try await run("--exec", "/nonexistent/program", "-x")
        #expect(status == ExitStatus.unknown.rawValue)
        #expect(world.errors.contains("/nonexistent/program: No such file or directory"))
        #expect(!world.output.contains("t0k3n") && !world.errors.contains("t0k3n"))
    }

    @Test("a program is given what it is to read, and its status comes back")
    func child() throws {
        var template = Array("/tmp/toolauth-test-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        close(descriptor)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        let status = try ChildProcess.run(
            ["/bin/sh", "-c", "cat > \(path); echo $TOOLAUTH_X >> \(path); exit 3"], input: Array("data\n".utf8),
            setting: ["TOOLAUTH_X": "y z"])
        #expect(status == 3)
        let input = try #require(StandardInput(path: path))
        #expect(String(decoding: try input.all(limit: 100), as: UTF8.self) == "data\ny z\n")
        // One that reads nothing breaks nothing.
        #expect(try ChildProcess.run(["/bin/true"], input: Array(repeating: 0, count: 1 << 20), setting: [:]) == 0)
        #expect(try ChildProcess.run(["/bin/sh", "-c", "kill -9 $$"], input: [], setting: [:]) == 137)
        #expect(throws: ChildProcess.Failure.self) {
            try ChildProcess.run(["/nonexistent/program"], input: [], setting: [:])
        }
    }
}
