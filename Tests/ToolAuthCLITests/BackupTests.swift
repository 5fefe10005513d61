import FoundationEssentials
import Glibc
import ScriptedSocket
import Testing

@testable import ToolAuthCLI

@Suite("Backing up", .timeLimit(.minutes(1)))
struct BackupTests {
    private static func answer(_ length: Int, sent: Int? = nil) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.sqlite3\r\nContent-Length: \(length)\r\n\r\n"
            + String(repeating: "x", count: sent ?? length)
    }

    /// Runs it at a daemon that answers so, in a directory of its own, and says what is in that afterwards.
    private func run(
        _ answer: String, isTerminal: Bool = false, file: String = "backup", _ arguments: String...
    ) async throws -> (status: Int32, world: TestWorld, files: [String: Int]) {
        let server = try ScriptedServer { peer in
            guard peer.readRequest() != nil else { return }
            _ = peer.send(answer)
        }
        defer { server.stop() }
        let directory = "\(server.path).files"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let world = TestWorld(socket: server.path, isTerminal: isTerminal)
        let target = file == "-" ? "-" : "\(directory)/\(file)"
        let status = await Program.run(["backup", target] + arguments, in: world.context)
        var files: [String: Int] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            files[name] = FileManager.default.contents(atPath: "\(directory)/\(name)")?.count
        }
        return (status, world, files)
    }

    @Test("the size and the missing key are told; progress is for terminals")
    func told() async throws {
        let (status, world, files) = try await run(Self.answer(3 << 20))
        #expect(status == 0)
        #expect(world.output.hasSuffix("backup, 3.0 MiB. The master key is not in it: back it up apart.\n"))
        #expect(world.errors == "")
        #expect(files == ["backup": 3 << 20])
        let shown = try await run(Self.answer(1000), isTerminal: true)
        #expect(shown.status == 0)
        #expect(shown.world.errors.contains("The daemon makes the copy"))
        #expect(shown.world.errors.hasSuffix("\r\u{1b}[K"))
    }

    @Test("an answer that is cut short is no backup, and leaves nothing", arguments: [0, 1, 999_999])
    func cutShort(sent: Int) async throws {
        let (status, world, files) = try await run(Self.answer(1_000_000, sent: sent))
        #expect(status == 69)
        #expect(world.errors.contains("without a whole answer"), "\(world.errors)")
        #expect(files == [:])
    }

    @Test("a refusal is told, and leaves nothing")
    func refused() async throws {
        let (status, world, files) = try await run(problem(503, "store-unavailable", "There is no room for a backup."))
        #expect(status == 75)
        #expect(world.errors.contains("There is no room for a backup"), "\(world.errors)")
        #expect(files == [:])
    }

    @Test("it does not go to a terminal")
    func terminal() async throws {
        let (status, world, _) = try await run(Self.answer(10), isTerminal: true, file: "-")
        #expect(status == 64)
        #expect(world.output == "")
    }
}
