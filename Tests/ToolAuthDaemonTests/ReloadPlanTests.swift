import OAuth
import Providers
import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

private func tool(_ id: String, client: String = "client") -> ConfiguredTool {
    let token = TokenEndpoint(url: "https://auth.example.com/token")
    return ConfiguredTool(
        id: toolID(id), title: id, provider: "example",
        oauth2: OAuth2Configuration(
            toolID: toolID(id), clientID: client, clientSecrets: [], scopes: [],
            redirectURIs: ["https://app.example.com"],
            authorization: AuthorizationEndpoint(url: "https://auth.example.com/authorize"), token: token,
            refresh: token),
        endpoint: EndpointID(tokenEndpoint: "https://auth.example.com/token", clientID: client),
        tokenOrigin: "https://auth.example.com:443")
}

private func loaded(
    _ tools: [ConfiguredTool], bad: [(String?, String)] = [],
    _ change: (inout DaemonConfiguration) -> Void = { _ in }
) -> LoadedConfiguration {
    var daemon = DaemonConfiguration()
    change(&daemon)
    return LoadedConfiguration(
        daemon: daemon, tools: tools,
        unavailable: bad.map { UnavailableTool(toolID: $0.0.map { toolID($0) }, reason: $0.1) }, problems: [])
}

@Suite("What a reload would change")
struct ReloadPlanTests {
    @Test("tools are added, changed, removed, or as they were")
    func tools() {
        let plan = ReloadPlan(
            present: loaded([tool("a"), tool("b"), tool("c")], bad: [("d", "d is bad")]),
            next: loaded([tool("a"), tool("b", client: "other"), tool("d"), tool("e")]))
        let report = plan.report(missingCredentials: [])
        #expect(plan.refusals == [])
        #expect(report.added == [toolID("d"), toolID("e")])
        #expect(report.changed == [toolID("b")])
        #expect(report.removed == [toolID("c")])
        #expect(plan.unchanged == [toolID("a")])
        #expect(ReloadPlan(present: plan.present, next: plan.present).report(missingCredentials: []).isEmpty)
    }

    @Test("a tool in use that would become bad is a refusal; one that was bad before is none")
    func refusals() {
        let present = loaded([tool("a")], bad: [("b", "b is bad"), (nil, "x.yaml is no YAML")])
        #expect(ReloadPlan(present: present, next: loaded([], bad: [("a", "a is bad")])).refusals == ["a is bad"])
        #expect(ReloadPlan(present: present, next: loaded([tool("a")], bad: [("b", "worse")])).refusals == [])
        #expect(ReloadPlan(present: present, next: loaded([tool("a")], bad: [("c", "new, and bad")])).refusals == [])
    }

    @Test("a file that cannot be read at all is a refusal where a tool in use is missed since")
    func nameless() {
        let present = loaded([tool("a")])
        let broken = (nil as String?, "a.yaml is no YAML")
        #expect(ReloadPlan(present: present, next: loaded([], bad: [broken])).refusals == ["a.yaml is no YAML"])
        #expect(ReloadPlan(present: present, next: loaded([tool("a")], bad: [broken])).refusals == [])
        #expect(
            ReloadPlan(present: loaded([tool("a")], bad: [broken]), next: loaded([], bad: [broken])).refusals == [])
    }

    @Test("what takes a restart is told apart from what is in force")
    func settings() {
        let next = loaded([]) { daemon in
            daemon.logLevel = .debug
            daemon.clients = []
            daemon.limits.connections = 5
            daemon.socket.path = "/run/other.sock"
        }
        let report = ReloadPlan(present: loaded([]), next: next).report(missingCredentials: ["z", "b"])
        #expect(report.settings == ["clients", "log"])
        #expect(report.restartRequired == ["socket", "limits", "credential b", "credential z"])
    }
}
