import FoundationEssentials
import Glibc
import SocketAPI
import TestSupport
import Testing
import ToolAuthClient
import ToolAuthCore

@Suite("toolauthctl backup and toolauthd restore")
struct BackupTests {
    private let gmail = toolID("gmail")
    private let files: TemporaryDirectory

    init() throws { files = try TemporaryDirectory() }

    /// A daemon with grants that came from elsewhere, at a provider that does not exist.
    private func start(_ users: UserID..., more: String = "") async throws -> DaemonProcess {
        let daemon = try await DaemonProcess([
            "toolauthd.yaml": Configurations.daemon + more,
            "tools.d/gmail.yaml": """
            gmail:
              client_id: app
              client_secret: secret
              scopes: [read]
              redirect_uris: ["http://127.0.0.1:1/cb"]
              allow_http_loopback: true
              provider:
                issuer: "http://127.0.0.1:1"
                authorization: {endpoint: "http://127.0.0.1:1/a"}
                token: {endpoint: "http://127.0.0.1:1/t", client_authentication: client_secret_basic}
            """,
        ])
        for user in users {
            let tokens = ImportBody(
                accessToken: "token of \(user)", refreshToken: "refresh", tokenType: "Bearer", expiresIn: 3600)
            _ = try await daemon.client.importTokens(tokens, toolID: gmail, userID: user)
        }
        return daemon
    }

    private func run(
        _ program: String, _ arguments: [String], _ daemon: DaemonProcess? = nil
    ) async throws -> (exit: ChildProcess.Exit?, out: String, err: String) {
        let process = try ChildProcess(
            "\(DaemonProcess.programs)/\(program)", arguments,
            environment: ["TOOLAUTH_SOCKET": daemon?.socketPath ?? "/nowhere", "CREDENTIALS_DIRECTORY": nil])
        let exit = await process.waitForExit()
        return (exit, process.standardOutput, process.standardError)
    }

    private func backUp(
        _ daemon: DaemonProcess, _ arguments: String...
    ) async throws -> (exit: ChildProcess.Exit?, out: String, err: String) {
        try await run("toolauthctl", ["backup"] + arguments, daemon)
    }

    private func restore(
        _ file: String, into directory: TemporaryDirectory, _ arguments: String...
    ) async throws -> (exit: ChildProcess.Exit?, out: String, err: String) {
        try await run(
            "toolauthd",
            ["restore", file, "--config", directory.file("config"), "--state-dir", directory.file("state")] + arguments)
    }

    private func mode(_ path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
    }

    @Test("the file is its owner's alone, whatever the umask; nothing else is left, and nothing is replaced unasked")
    func file() async throws {
        let daemon = try await start(alice)
        let file = files.file("backup")
        let first = try await backUp(daemon, file)
        #expect(first.exit == .code(0), "\(first.err)")
        #expect(first.out.hasPrefix("Backed up: \(file), "))
        #expect(mode(file) == 0o600)
        let bytes = try Data(contentsOf: URL(filePath: file))

        let second = try await backUp(daemon, file)
        #expect(second.exit == .code(64))
        #expect(second.err == "Error: \(file) exists: name another file, or replace it with --force\n")
        #expect(try Data(contentsOf: URL(filePath: file)) == bytes)

        _ = try await daemon.client.importTokens(
            ImportBody(accessToken: "b", tokenType: "Bearer"), toolID: gmail, userID: bob)
        let forced = try await backUp(daemon, file, "--force", "--json")
        #expect(forced.exit == .code(0), "\(forced.err)")
        let size = try Data(contentsOf: URL(filePath: file)).count
        #expect(forced.out == "{\"size\":\(size)}\n")
        #expect(try Data(contentsOf: URL(filePath: file)) != bytes)
        #expect(try FileManager.default.contentsOfDirectory(atPath: files.path) == ["backup"])
        await daemon.stop()
    }

    @Test("it goes to a pipe, and restore reads one")
    func pipe() async throws {
        let daemon = try await start(alice)
        let target = try TemporaryDirectory()
        try DaemonProcess.write(["toolauthd.yaml": Configurations.daemon], to: target)
        mkdir(target.file("state"), 0o700)
        try FileManager.default.copyItem(
            atPath: "\(daemon.stateDirectory)/master.key", toPath: target.file("state/master.key"))
        let process = try ChildProcess(
            "bash",
            [
                "-euo", "pipefail", "-c",
                "'\(DaemonProcess.programs)/toolauthctl' backup - | '\(DaemonProcess.programs)/toolauthd' "
                    + "--config '\(target.file("config"))' --state-dir '\(target.file("state"))' restore -",
            ], environment: ["TOOLAUTH_SOCKET": daemon.socketPath, "CREDENTIALS_DIRECTORY": nil])
        #expect(await process.waitForExit() == .code(0), "\(process.standardError)")
        #expect(process.standardOutput.contains("1 grant"), "\(process.standardOutput)")
        await daemon.stop()
    }

    @Test(
        "where the file cannot be made or written, it says so, and nothing is left", arguments: ["nowhere/b", "/dev"])
    func refusedFile(name: String) async throws {
        let daemon = try await start(alice)
        let path = name.hasPrefix("/") ? name : files.file(name)
        let result = try await backUp(daemon, path)
        #expect(result.exit == .code(64))
        #expect(result.err.contains(path), "\(result.err)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: files.path).isEmpty)
        await daemon.stop()
    }

    @Test(
        "a full disk ends it, and no part of a backup is left under any name",
        .enabled(if: SmallDisk.isAvailable, "needs the right to mount a tmpfs"))
    func fullDisk() async throws {
        let disk = try SmallDisk(kibibytes: 128)
        let daemon = try await start(alice)
        for number in 0..<20 {
            let tokens = ImportBody(accessToken: String(repeating: "a", count: 16_000), tokenType: "Bearer")
            _ = try await daemon.client.importTokens(tokens, toolID: gmail, userID: userID("user\(number)"))
        }
        let result = try await backUp(daemon, "\(disk.path)/backup")
        #expect(result.exit == .code(75), "\(result.err)")
        #expect(result.err.contains("cannot be written (No space left on device)"), "\(result.err)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
        let piped = try ChildProcess(
            "bash", ["-c", "'\(DaemonProcess.programs)/toolauthctl' backup - >'\(disk.path)/backup'"],
            environment: ["TOOLAUTH_SOCKET": daemon.socketPath])
        #expect(await piped.waitForExit() == .code(75))
        await daemon.stop()
    }

    @Test("with --force a link is followed, and what is no file is not replaced")
    func notPlain() async throws {
        let daemon = try await start(alice)
        try files.write("old", to: "target")
        symlink(files.file("target"), files.file("link"))
        let linked = try await backUp(daemon, files.file("link"), "--force")
        #expect(linked.exit == .code(0), "\(linked.err)")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: files.file("link")) == files.file("target"))
        #expect(try Data(contentsOf: URL(filePath: files.file("target"))).starts(with: Data("SQLite format 3".utf8)))
        mkfifo(files.file("pipe"), 0o600)
        let piped = try await backUp(daemon, files.file("pipe"), "--force")
        #expect(piped.exit == .code(64))
        #expect(piped.err.contains("is no file, and is not replaced"), "\(piped.err)")
        var status = stat()
        #expect(stat(files.file("pipe"), &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
        await daemon.stop()
    }

    @Test("a signal that ends it takes what it wrote along; one that it was told to ignore does not end it")
    func signals() async throws {
        // Takes connections, and never answers.
        let path = files.file("silent.sock")
        let silent = try ChildProcess(
            "python3",
            [
                "-c",
                """
                import socket, sys
                server = socket.socket(socket.AF_UNIX)
                server.bind(sys.argv[1])
                server.listen()
                sys.stdin.read()
                """, path,
            ])
        #expect(await eventually { access(path, F_OK) == 0 })
        for (prefix, signal) in [("", SIGHUP), ("", SIGTERM), ("trap '' HUP;", SIGTERM)] {
            let command = "\(prefix) exec '\(DaemonProcess.programs)/toolauthctl' backup '\(files.file("backup"))'"
            let process = try ChildProcess("bash", ["-c", command], environment: ["TOOLAUTH_SOCKET": path])
            func beginnings() throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: files.path).filter { $0.hasPrefix("backup.") }
            }
            #expect(try await eventually { try beginnings().count == 1 })
            if !prefix.isEmpty {
                process.send(signal: SIGHUP)
                #expect(!(await eventually(within: .milliseconds(300)) { process.exit != nil }))
            }
            process.send(signal: signal)
            #expect(await process.waitForExit() == .signal(signal))
            #expect(try beginnings().isEmpty)
        }
        await silent.end()
    }

    @Test("without a daemon, and without the right, it ends as every verb does")
    func unreachable() async throws {
        let alone = try await run("toolauthctl", ["backup", files.file("backup")])
        #expect(alone.exit == .code(69))
        let rule = """
            clients:
              - name: readers
                match: {uid: \(geteuid())}
                allow: {actions: [read, token, status], tools: ["*"], users: ["*"]}
            """
        let daemon = try await DaemonProcess(["toolauthd.yaml": Configurations.daemon + rule])
        let forbidden = try await backUp(daemon, files.file("backup"))
        #expect(forbidden.exit == .code(77), "\(forbidden.err)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: files.path).isEmpty)
        await daemon.stop()
    }

    @Test("the journal names who took it")
    func journal() async throws {
        let daemon = try await start(alice)
        _ = try await backUp(daemon, files.file("backup"))
        #expect(await eventually { daemon.process.standardError.contains("A backup of the store is read by the user") })
        let line = daemon.process.standardError.split(separator: "\n").first { $0.contains("A backup of the store") }
        #expect(line?.contains("is read by the user \(geteuid()) (rule") == true, "\(line ?? "")")
        await daemon.stop()
    }

    @Test("backups taken while grants are written, one after the other, all restore")
    func underLoad() async throws {
        let daemon = try await start(alice)
        let client = daemon.client
        let over = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Whatever fails, the writers end.
            defer { over.raise() }
            for writer in 0..<4 {
                group.addTask {
                    var number = 0
                    while !over.isRaised {
                        let tokens = ImportBody(accessToken: "a\(number)", tokenType: "Bearer", expiresIn: 3600)
                        _ = try await client.importTokens(
                            tokens, toolID: toolID("gmail"), userID: userID("user\(writer)-\(number)"))
                        number += 1
                    }
                }
            }
            var counts: [Int] = []
            for number in 0..<5 {
                let file = files.file("backup\(number)")
                let result = try await backUp(daemon, file)
                #expect(result.exit == .code(0), "\(result.err)")
                let target = try TemporaryDirectory()
                try DaemonProcess.write(["toolauthd.yaml": Configurations.daemon], to: target)
                mkdir(target.file("state"), 0o700)
                try FileManager.default.copyItem(
                    atPath: "\(daemon.stateDirectory)/master.key", toPath: target.file("state/master.key"))
                let restored = try await restore(file, into: target)
                #expect(restored.exit == .code(0), "\(restored.err)")
                let said = try #require(restored.out.firstMatch(of: /(\d+) grants?\b/), "\(restored.out)")
                counts.append(try #require(Int(said.1)))
            }
            #expect(Set(counts).count > 1, "grants came while backups were taken: \(counts)")
            over.raise()
            try await group.waitForAll()
        }
        await daemon.stop()
    }

    @Test("restore is refused while the daemon runs, over grants, and with another key; each says what to do")
    func refusedRestores() async throws {
        let daemon = try await start(alice)
        let file = files.file("backup")
        _ = try await backUp(daemon, file)
        let running = try await restore(file, into: daemon.directory)
        #expect(running.exit == .code(74))
        #expect(running.err.contains("toolauthd is running on"), "\(running.err)")
        #expect(try await daemon.client.token(toolID: gmail, userID: alice).accessToken == "token of alice")
        await daemon.stop()

        let filled = try await restore(file, into: daemon.directory)
        #expect(filled.exit == .code(74))
        #expect(filled.err.contains("--force"), "\(filled.err)")
        let forced = try await restore(file, into: daemon.directory, "--force")
        #expect(forced.exit == .code(0), "\(forced.err)")
        #expect(forced.out.contains("The store that was there is now"), "\(forced.out)")

        try daemon.directory.write("other:" + Data(repeating: 7, count: 32).base64EncodedString() + "\n", to: "state/k")
        chmod(daemon.directory.file("state/k"), 0o600)
        rename(daemon.directory.file("state/k"), daemon.directory.file("state/master.key"))
        let wrong = try await restore(file, into: daemon.directory, "--force")
        #expect(wrong.exit == .code(78))
        #expect(wrong.err.contains("was sealed with the key"), "\(wrong.err)")
        try Data(contentsOf: URL(filePath: file)).dropLast(10).write(to: URL(filePath: file))
        let cut = try await restore(file, into: daemon.directory, "--force")
        #expect(cut.exit == .code(74))
        #expect(cut.err.contains("is not a whole backup"), "\(cut.err)")
        #expect(try await restore(files.file("nothing"), into: daemon.directory).err.contains("cannot be opened"))
    }

    @Test("a daemon that is stopped ends a backup that nobody reads on")
    func stop() async throws {
        let daemon = try await start(alice)
        for number in 0..<60 {
            let tokens = ImportBody(accessToken: String(repeating: "a", count: 30_000), tokenType: "Bearer")
            _ = try await daemon.client.importTokens(tokens, toolID: gmail, userID: userID("user\(number)"))
        }
        var iterator = daemon.client.backup().makeAsyncIterator()
        let part = try await iterator.next()
        #expect(part.map { $0.received < $0.size } == true)
        #expect(await daemon.stop() == .code(0))
        // What was sent before is read, and then it is no whole backup.
        await #expect(throws: ToolAuthClientError.self) {
            while try await iterator.next() != nil {}
        }
    }
}
