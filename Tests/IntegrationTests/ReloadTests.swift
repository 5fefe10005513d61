import FoundationEssentials
import Glibc
import SocketAPI
import TestSupport
import Testing
import ToolAuthClient
import ToolAuthCore

@Suite("Reloading the configuration of a running daemon")
struct ReloadTests {
    private let mail = toolID("mail")
    private let files = toolID("files")

    private func start() async throws -> (DaemonProcess, ProviderProcess) {
        let provider = try await ProviderProcess()
        let daemon = try await DaemonProcess([
            "toolauthd.yaml": Configurations.daemon, "tools.d/mail.yaml": Configurations.tool(at: provider),
        ])
        try await daemon.connect(mail, at: provider)
        return (daemon, provider)
    }

    private func remove(_ name: String, _ daemon: DaemonProcess) {
        unlink(daemon.directory.file("config/\(name)"))
    }

    private func write(_ name: String, _ text: String, _ daemon: DaemonProcess) throws {
        try daemon.directory.write(text, to: "config/\(name)")
    }

    @Test("a new tool can be used at once, and the others go on as they are")
    func added() async throws {
        let (daemon, provider) = try await start()
        let before = try await daemon.client.token(toolID: mail, userID: alice)
        try write("tools.d/files.yaml", Configurations.tool("files", at: provider), daemon)
        let report = try await daemon.client.reload()
        #expect(report.added == ["files"] && report.changed == [] && report.removed == [])
        try await daemon.connect(files, at: provider)
        #expect(try await daemon.client.token(toolID: mail, userID: alice).accessToken == before.accessToken)
        #expect(try await daemon.client.reload().added == [])
        await daemon.stop()
        await provider.end()
    }

    @Test("a tool that vanishes keeps its grants, also over a restart, and goes on when it is back")
    func vanishing() async throws {
        let (daemon, provider) = try await start()
        remove("tools.d/mail.yaml", daemon)
        #expect(try await daemon.client.reload().removed == ["mail"])
        #expect(try await daemon.client.tools().map(\.status) == ["unavailable"])
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.token(toolID: mail, userID: alice)
        }
        #expect(problem == "tool-unavailable")
        await daemon.stop()
        let again = try await DaemonProcess([:], in: daemon.directory)
        #expect(try await again.client.tools().map(\.status) == ["unavailable"])
        #expect(try await again.client.record(toolID: mail, userID: alice).userID == "alice")
        try write("tools.d/mail.yaml", Configurations.tool(at: provider), again)
        #expect(try await again.client.reload().added == ["mail"])
        #expect(try await again.client.refresh(toolID: mail, userID: alice).status == "healthy")
        await again.stop()
        await provider.end()
    }

    @Test(
        "what is bad is refused with its place, and nothing changes",
        arguments: [
            ("toolauthd.yaml", "log: {level: loud}\n", "toolauthd.yaml:1:14: log.level"),
            ("tools.d/mail.yaml", "mail: {provder: x}\n", "tools.d/mail.yaml:1:1: mail.provider"),
            ("tools.d/mail.yaml", "mail: {\n", "tools.d/mail.yaml:"),
            ("tools.d/mail.yaml", "\u{1}", "tools.d/mail.yaml:"),
        ])
    func refused(name: String, text: String, place: String) async throws {
        let (daemon, provider) = try await start()
        try write("tools.d/files.yaml", Configurations.tool("files", at: provider), daemon)
        try write(name, text, daemon)
        do {
            _ = try await daemon.client.reload()
            Issue.record("the reload was not refused")
        } catch {
            guard case .problem(let problem) = error else { throw error }
            #expect(problem.code == "invalid-configuration")
            #expect(problem.detail.contains(place), "\(problem.detail)")
        }
        #expect(try await daemon.client.tools().map(\.toolID) == ["mail"])
        #expect(try await daemon.client.refresh(toolID: mail, userID: alice).status == "healthy")
        await daemon.stop()
        await provider.end()
    }

    @Test("what status warns of is what is wrong now")
    func warnings() async throws {
        let (daemon, provider) = try await start()
        let clean = try await daemon.client.status().warnings
        try write("tools.d/other.yaml", "other: {provder: x}\n", daemon)
        _ = try await daemon.client.reload()
        let warnings = try await daemon.client.status().warnings
        #expect(warnings.contains { $0.contains("other.yaml:1:") }, "\(warnings)")
        remove("tools.d/other.yaml", daemon)
        _ = try await daemon.client.reload()
        #expect(try await daemon.client.status().warnings == clean)
        await daemon.stop()
        await provider.end()
    }

    @Test("a signal that comes while the daemon starts is heeded when it has started, and is not its end")
    func early() async throws {
        let directory = try TemporaryDirectory()
        try DaemonProcess.write(["toolauthd.yaml": Configurations.daemon], to: directory)
        let process = try DaemonProcess.spawn(in: directory)
        #expect(await eventually(every: .milliseconds(1)) { !process.standardError.isEmpty })
        process.send(signal: SIGHUP)
        let client = ToolAuthClient(socketPath: directory.file("api.sock"))
        #expect(await eventually { (try? await client.health().status) == "ok" || process.exit != nil })
        #expect(process.exit == nil)
        #expect(await eventually { process.standardError.contains("nothing has changed") })
        process.send(signal: SIGTERM)
        #expect(await process.waitForExit() == .code(0))
    }

    @Test("another secret in the file, and what it was, are both taken")
    func secret() async throws {
        let (daemon, provider) = try await start()
        let good = Configurations.tool(at: provider)
        try write("tools.d/mail.yaml", good.replacing(provider.info.clientSecret, with: "wrong"), daemon)
        #expect(try await daemon.client.reload().changed == ["mail"])
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.refresh(toolID: mail, userID: alice)
        }
        #expect(problem == "provider-error")
        #expect(try await eventually { try await daemon.client.tools().map(\.status) == ["paused"] })
        try write("tools.d/mail.yaml", good, daemon)
        #expect(try await daemon.client.reload().changed == ["mail"])
        // That is what it waited for.
        #expect(try await daemon.client.tools().map(\.status) == ["available"])
        #expect(
            await eventually {
                (try? await daemon.client.refresh(toolID: mail, userID: alice).status) == "healthy"
            })
        await daemon.stop()
        await provider.end()
    }

    @Test("a token endpoint that moves gets no token unless an administrator says so; put back, it is as it was")
    func movedEndpoint() async throws {
        let (daemon, provider) = try await start()
        let before = try await daemon.client.token(toolID: mail, userID: alice)
        let seen = try await provider.requests().count
        let here = Configurations.tool(at: provider)
        let moved = provider.info.tokenEndpoint.replacing("127.0.0.1", with: "localhost")
        try #require(moved != provider.info.tokenEndpoint)
        try write("tools.d/mail.yaml", here.replacing(provider.info.tokenEndpoint, with: moved), daemon)
        #expect(try await daemon.client.reload().changed == ["mail"])
        let tool = try #require(try await daemon.client.tools().first)
        #expect(tool.status == "paused" && tool.reason?.contains("endpoint_changed") == true, "\(tool)")
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.refresh(toolID: mail, userID: alice)
        }
        #expect(problem == "tool-paused")
        // What is at hand is handed out as before.
        #expect(try await daemon.client.token(toolID: mail, userID: alice).accessToken == before.accessToken)
        #expect(try await provider.requests().count == seen)

        try write("tools.d/mail.yaml", here, daemon)
        #expect(try await daemon.client.reload().changed == ["mail"])
        #expect(try await daemon.client.refresh(toolID: mail, userID: alice).status == "healthy")

        try write("tools.d/mail.yaml", here.replacing(provider.info.tokenEndpoint, with: moved), daemon)
        _ = try await daemon.client.reload()
        #expect(try await daemon.client.resumeTool(mail, acceptingEndpoint: true).status == "available")
        #expect(
            await eventually {
                (try? await daemon.client.refresh(toolID: mail, userID: alice).status) == "healthy"
            })
        #expect(try await provider.requests().last?.header("host")?.hasPrefix("localhost:") == true)
        #expect(try await provider.counters().reuse == 0)
        await daemon.stop()
        await provider.end()
    }

    @Test("tokens of one client are not sent for another, and go on when their own is back")
    func otherClient() async throws {
        let (daemon, provider) = try await start()
        let seen = try await provider.requests().count
        let good = Configurations.tool(at: provider)
        try write("tools.d/mail.yaml", good.replacing(provider.info.clientID, with: "another"), daemon)
        #expect(try await daemon.client.reload().changed == ["mail"])
        let record = try await daemon.client.record(toolID: mail, userID: alice)
        #expect(record.status == "needs_reauthorization" && record.reason == "configuration_changed", "\(record)")
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.refresh(toolID: mail, userID: alice)
        }
        #expect(problem == "reauthorization-required")
        #expect(try await provider.requests().count == seen)
        try write("tools.d/mail.yaml", good, daemon)
        #expect(try await daemon.client.reload().changed == ["mail"])
        #expect(try await daemon.client.refresh(toolID: mail, userID: alice).status == "healthy")
        await daemon.stop()
        await provider.end()
    }

    @Test("a credential that the service manager did not pass takes a restart, and only its tool waits for that")
    func missingCredential() async throws {
        let (daemon, provider) = try await start()
        let files = Configurations.tool("files", at: provider)
        let inline = "client_secret: \"\(provider.info.clientSecret)\""
        try #require(files.contains(inline))
        try write(
            "tools.d/files.yaml", files.replacing(inline, with: "client_secret: {credential: files-secret}"), daemon)
        let report = try await daemon.client.reload()
        #expect(report.added == [] && report.restartRequired == ["credential files-secret"], "\(report)")
        #expect(report.problems.contains { $0.contains("LoadCredential=files-secret:PATH") }, "\(report)")
        let statuses = try await daemon.client.tools().map { "\($0.toolID) \($0.status)" }
        #expect(statuses == ["files unavailable", "mail available"])
        #expect(try await daemon.client.refresh(toolID: mail, userID: alice).status == "healthy")
        await daemon.stop()
        await provider.end()
    }

    @Test("rules hold at once, also for a connection that was there before; a signal does it too")
    func rules() async throws {
        let (daemon, provider) = try await start()
        let kept = try KeptConnection(daemon.socketPath)
        #expect(try kept.status("GET", "/v1/tools") == 200)
        let nobody =
            "clients:\n- {name: nobody, match: {uid: \(getuid())}, allow: {actions: [status], tools: [], users: []}}\n"
        try write("toolauthd.yaml", Configurations.daemon + nobody, daemon)
        daemon.process.send(signal: SIGHUP)
        #expect(await eventually { (try? kept.status("GET", "/v1/tools")) == 403 })
        #expect(try kept.status("POST", "/v1/reload") == 403)
        try write("toolauthd.yaml", Configurations.daemon, daemon)
        daemon.process.send(signal: SIGHUP)
        #expect(await eventually { (try? kept.status("GET", "/v1/tools")) == 200 })
        await daemon.stop()
        await provider.end()
    }

    @Test("a refresh under way ends under the configuration it began with, and is kept")
    func underWay() async throws {
        let (daemon, provider) = try await start()
        try await provider.fail(.latency, ["seconds": 2])
        async let refreshed = daemon.client.refresh(toolID: mail, userID: alice)
        #expect(try await eventually { try await daemon.client.status().endpoints.contains { $0.inflight > 0 } })
        try write("tools.d/mail.yaml", "", daemon)
        #expect(try await daemon.client.reload().removed == ["mail"])
        #expect(try await refreshed.status == "healthy")
        try write("tools.d/mail.yaml", Configurations.tool(at: provider), daemon)
        _ = try await daemon.client.reload()
        #expect(try await daemon.client.record(toolID: mail, userID: alice).lastRefreshedAt != nil)
        #expect(try await provider.counters().reuse == 0)
        await daemon.stop()
        await provider.end()
    }
}

/// One connection to the API, over which requests go one after the other.
private final class KeptConnection {
    private let descriptor: CInt

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// The status of the answer, whose body is read away.
    func status(_ method: String, _ target: String) throws -> Int {
        let request = Array("\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".utf8)
        try #require(send(descriptor, request, request.count, CInt(MSG_NOSIGNAL)) == request.count)
        var text = ""
        while true {
            let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 {
                let field = parts[0].split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                let length = field.flatMap { Int(String($0.filter { $0.isNumber })) }
                if parts[1].utf8.count >= length ?? 0 { break }
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            try #require(count > 0)
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
        return try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    }
}
