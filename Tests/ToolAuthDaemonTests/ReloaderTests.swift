import APIServer
import Glibc
import Logging
import OAuth
import Providers
import Refresh
import RefreshTestSupport
import Systemd
import Telemetry
import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("Reloading")
struct ReloaderTests {
    private let directory: TemporaryDirectory
    private let options: DaemonOptions

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write("{}\n", to: "config/toolauthd.yaml")
        try directory.write("", to: "empty/x")
        options = DaemonOptions(
            configuration: directory.file("config"), state: directory.file("state"), socket: nil,
            catalogue: directory.file("empty"))
        for name in ["config", "config/tools.d", "config/toolauthd.yaml"] { chmod(directory.file(name), 0o750) }
    }

    private func write(tool id: String) throws {
        try directory.write(
            """
            \(id):
              client_id: app
              client_secret: {file: ../secret}
              redirect_uris: ["https://app.example.com/callback"]
              provider:
                authorization: {endpoint: "https://auth.example.com/authorize"}
                token: {endpoint: "https://auth.example.com/token"}
            """, to: "config/tools.d/\(id).yaml")
        chmod(directory.file("config/tools.d"), 0o750)
        chmod(directory.file("config/tools.d/\(id).yaml"), 0o640)
        chmod(try directory.write("secret\n", to: "secret"), 0o600)
    }

    @Test("where the store fails, the tools are those of before, and nothing else has changed")
    func storeFails() async throws {
        let settings = try DaemonSettings(options)
        let tools = ToolRegistry([])
        let configuration = ConfigurationInForce()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let clock = ManualWallClock(Fixture.noon)
        let reloader = Reloader(
            settings, options,
            Reloader.Targets(
                tools: tools, configuration: configuration,
                rules: RulesInForce(try AccessRules(nil, socketGID: nil)), threshold: LogThreshold(),
                makeTools: { settings, kept in
                    let transport = ScriptedTransport()
                    return settings.tools(
                        transport: transport, clock: clock, discovery: Discovery(transport: transport, clock: clock),
                        custom: [:], kept: kept)
                },
                reconfigure: { (_: Set<ToolID>) async throws(StoreError) in
                    #expect(tools.configured.map(\.id) == [toolID("mail")])
                    throw StoreError(.io, "The disk is full.")
                }),
            ChangeQueue(), socketGID: nil, notifier: ServiceNotifier(logger: logger),
            journal: EventJournal(logger: logger, clock: clock), events: RecordedEvents(), clock: clock)
        try write(tool: "mail")
        let error = await #expect(throws: ToolAuthError.self) { try await reloader.reload() }
        #expect(error?.code == .storeUnavailable)
        #expect(tools.configured.isEmpty)
    }
}
