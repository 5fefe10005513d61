import FoundationEssentials
import Glibc
import SocketAPI
import TestSupport
import Testing
import ToolAuthClient
import ToolAuthCore

@Suite("toolauthd --check and the store")
struct StoreCheckTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func check() async throws -> (code: ChildProcess.Exit?, said: String) {
        try await DaemonProcess.expectingExit(in: directory, arguments: ["--check"])
    }

    /// A store with one grant, whose daemon has ended.
    private func store() async throws {
        let daemon = try await start()
        await daemon.stop()
    }

    private func start() async throws -> DaemonProcess {
        let daemon = try await DaemonProcess(
            [
                "toolauthd.yaml": Configurations.daemon,
                "tools.d/mail.yaml": """
                mail:
                  client_id: app
                  client_secret: secret
                  redirect_uris: ["http://127.0.0.1:1/cb"]
                  allow_http_loopback: true
                  provider:
                    authorization: {endpoint: "http://127.0.0.1:1/a"}
                    token: {endpoint: "http://127.0.0.1:1/t", client_authentication: client_secret_basic}
                """,
            ], in: directory)
        let tokens = ImportBody(accessToken: "a", tokenType: "Bearer", expiresIn: 3600)
        _ = try await daemon.client.importTokens(tokens, toolID: toolID("mail"), userID: alice)
        return daemon
    }

    /// Names, sizes, times and bytes of what lies in the state directory.
    private func snapshot() throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.file("state")).sorted()
        return try names.map { name in
            var status = stat()
            stat(directory.file("state/\(name)"), &status)
            let bytes = try Data(contentsOf: URL(filePath: directory.file("state/\(name)")))
            return "\(name) \(status.st_mode) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(bytes.hashValue)"
        }
    }

    @Test("where there is none it says so, and makes none")
    func none() async throws {
        let (code, said) = try await check()
        #expect(code == .code(0), "\(said)")
        #expect(said.contains("does not exist yet"), "\(said)")
        #expect(access(directory.file("state"), F_OK) != 0)
    }

    @Test("it names grants, schema and keys, and changes nothing")
    func sound() async throws {
        try await store()
        let before = try snapshot()
        let (code, said) = try await check()
        #expect(code == .code(0), "\(said)")
        for words in ["holds 1 grant; no daemon has it open", "schema 3, the newest", "which is here"] {
            #expect(said.contains(words), "\(said)")
        }
        #expect(try snapshot() == before)
    }

    @Test("while a daemon runs it sees what that has committed, and disturbs it not")
    func running() async throws {
        let daemon = try await start()
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.file("state")).sorted()
        for _ in 0..<5 {
            let (code, said) = try await check()
            #expect(code == .code(0), "\(said)")
            #expect(said.contains("holds 1 grant; process \(daemon.process.pid) has it open"), "\(said)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("state")).sorted() == names)
        _ = try await daemon.client.importTokens(
            ImportBody(accessToken: "b", tokenType: "Bearer"), toolID: toolID("mail"), userID: bob)
        await daemon.stop()
    }

    @Test("a store as a crash leaves it is looked at, log and all, and left as it is")
    func crashed() async throws {
        let daemon = try await start()
        await daemon.kill()
        let before = try snapshot()
        let (code, said) = try await check()
        #expect(code == .code(0), "\(said)")
        #expect(said.contains("holds 1 grant"), "\(said)")
        #expect(try snapshot() == before)
    }

    @Test("what is wrong is said, with the exit code of a start, which says the same")
    func wrong() async throws {
        try await store()
        let key = try #require(directory.read("state/master.key"))
        let database = try Data(contentsOf: URL(filePath: directory.file("state/toolauthd.db")))
        let path = URL(filePath: directory.file("state/toolauthd.db"))

        unlink(directory.file("state/master.key"))
        try await expect(78, "is missing, and the store was sealed with the key")
        try directory.write(key.replacing(":", with: "x:"), to: "state/master.key")
        chmod(directory.file("state/master.key"), 0o600)
        try await expect(78, "does not hold")
        try directory.write(key, to: "state/master.key")
        chmod(directory.file("state/master.key"), 0o644)
        try await expect(78, "is open to other users")
        chmod(directory.file("state/master.key"), 0o600)

        try Data("no database, and longer than nothing\n".utf8).write(to: path)
        try await expect(74, "is not a SQLite database")
        try database.prefix(4096).write(to: path)
        try await expect(74, "is damaged")
        try database.write(to: path)
        let (code, said) = try await check()
        #expect(code == .code(0), "\(said)")
    }

    private func expect(
        _ code: Int32, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let before = try snapshot()
        for arguments in [["--check"], []] {
            let (exit, said) = try await DaemonProcess.expectingExit(in: directory, arguments: arguments)
            #expect(exit == .code(code), "\(said)", sourceLocation: sourceLocation)
            #expect(said.contains(words), "\(said)", sourceLocation: sourceLocation)
        }
        #expect(try snapshot() == before, sourceLocation: sourceLocation)
    }
}
