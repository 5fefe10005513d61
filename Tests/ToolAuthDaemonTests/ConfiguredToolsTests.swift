import Glibc
import OAuth
import Providers
import Refresh
import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("Tools as the configuration makes them")
struct ConfiguredToolsTests {
    private let directory: TemporaryDirectory
    private let clock = ManualWallClock(Fixture.noon)

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write("{}\n", to: "config/toolauthd.yaml")
        try directory.write("", to: "empty/x")
        chmod(try directory.write("secret\n", to: "secret"), 0o600)
    }

    /// - Parameter provider: its document, in one line.
    private func settings(_ provider: String) throws -> DaemonSettings {
        try directory.write(
            """
            mail:
              client_id: app
              client_secret: {file: ../secret}
              redirect_uris: ["https://app.example.com/callback"]
              provider: {\(provider)}
            """, to: "config/tools.d/mail.yaml")
        for name in ["config", "config/tools.d"] { chmod(directory.file(name), 0o750) }
        for name in ["config/toolauthd.yaml", "config/tools.d/mail.yaml"] { chmod(directory.file(name), 0o640) }
        return try DaemonSettings(
            DaemonOptions(
                configuration: directory.file("config"), state: directory.file("state"), socket: nil,
                catalogue: directory.file("empty")))
    }

    @Test("tell the engine whether all grants share an endpoint", arguments: [true, false])
    func sharesEndpoint(isShared: Bool) throws {
        let host = isShared ? "shops.example.com" : "${connection.shop}.example.com"
        let settings = try settings(
            """
            connection: {shop: {pattern: "[a-z]+"}}, authorization: {endpoint: "https://\(host)/authorize"},
                token: {endpoint: "https://\(host)/token"}
            """)
        let transport = ScriptedTransport()
        let registry = ToolRegistry(
            settings.tools(
                transport: transport, clock: clock, discovery: Discovery(transport: transport, clock: clock),
                custom: [:]))
        let tool = try #require(registry.refreshable(Fixture.mail))
        #expect(tool.sharesEndpoint == isShared)
        #expect((tool.connect != nil) == isShared)
    }

    @Test("go on with what their issuer said before a reload, where it says nothing now")
    func discovery() async throws {
        let transport = ScriptedTransport()
        transport.enqueue(
            .success(
                .json(
                    """
                    {"issuer":"https://id.example.com","authorization_endpoint":"https://id.example.com/authorize",
                    "token_endpoint":"https://id.example.com/token"}
                    """)))
        let discovery = Discovery(transport: transport, clock: clock)
        let tools = try ["", ", title: Mail"].map { change in
            let settings = try settings("issuer: \"https://id.example.com\"\(change)")
            return try #require(
                settings.tools(transport: transport, clock: clock, discovery: discovery, custom: [:]).first?.client)
        }
        #expect(try await tools[0].origin() == "https://id.example.com:443")
        clock.advance(by: Freshness.most)
        #expect(try await tools[1].origin() == "https://id.example.com:443")
        #expect(transport.requests.count > 1, "it was asked again")
    }
}
