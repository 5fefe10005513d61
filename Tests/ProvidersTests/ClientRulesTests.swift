import Providers
import Testing
import ToolAuthCore

@Suite("Rules of clients in toolauthd.yaml")
struct ClientRulesTests {
    private func load(_ text: String) throws -> DaemonConfiguration {
        let fixture = ConfigurationFixture()
        fixture.write("toolauthd.yaml", text)
        return try fixture.load().daemon
    }

    private func problems(_ text: String) -> [String] {
        let fixture = ConfigurationFixture()
        fixture.write("toolauthd.yaml", text)
        do {
            _ = try fixture.load()
            return []
        } catch {
            return (error as? ConfigurationError)?.problems.map { fixture.told($0.description) } ?? ["\(error)"]
        }
    }

    @Test("are read in their order, with all they say")
    func whole() throws {
        let clients = try load(
            """
            clients:
              - name: assistants
                match: {unit: assistants.service, user: root, group: root, uid: 0}
                allow: {actions: [authorize, callback, token, refresh, read], tools: [gmail, "google_*"], users: ["*"]}
              - name: everybody
                match: {}
                allow: {actions: [status], tools: [], users: []}
            """
        ).clients
        let first = try #require(clients?.first)
        #expect(clients?.map(\.name) == ["assistants", "everybody"])
        #expect(first.unit == "assistants.service")
        #expect(first.user == "root")
        #expect(first.group == "root")
        #expect(first.uid == 0)
        #expect(first.actions == [.authorize, .callback, .token, .refresh, .read])
        #expect(first.tools.map(\.pattern) == ["gmail", "google_*"])
        #expect(first.users.map(\.pattern) == ["*"])
        #expect(clients?.last?.actions == [.status])
        #expect(clients?.last?.uid == nil)
    }

    @Test("none at all, an empty list, and nothing behind the key are told apart")
    func absent() throws {
        #expect(try load("log: {level: info}").clients == nil)
        #expect(try load("clients: []").clients == [])
        #expect(try load("clients:").clients == [])
    }

    @Test(
        "that say less or other than was meant end the start",
        arguments: [
            ("- {name: a, match: {uid: 1}}", "2:5: clients[0].allow: 'allow' is missing"),
            (
                "- {match: {uid: 1}, allow: {actions: [], tools: [], users: []}}",
                "2:5: clients[0].name: 'name' is missing"
            ),
            (
                "- {name: a, match: , allow: {actions: [], tools: [], users: []}}",
                "2:15: clients[0].match: is empty; for everybody, write match: {}"
            ),
            (
                "- {name: a, match: {unit: web}, allow: {actions: [], tools: [], users: []}}",
                "2:29: clients[0].match.unit: is not the whole name of a unit; did you mean 'web.service'?"
            ),
            (
                "- {name: root, match: {uid: 1}, allow: {actions: [], tools: [], users: []}}",
                "2:12: clients[0].name: is the name of a rule that is built in; choose another"
            ),
            (
                "- {name: a, match: {uid: 1}, allow: {actions: [tokens], tools: [], users: []}}",
                "2:50: clients[0].allow.actions[0]: takes authorize, callback, token, refresh, delete, read, import, admin, events, status or metrics, not 'tokens' (did you mean 'token'?)"
            ),
            (
                "- {name: a, match: {uid: 1}, allow: {actions: [], tools: []}}",
                "2:32: clients[0].allow.users: 'users' is missing"
            ),
            (
                "- {name: a, match: {units: x.service}, allow: {actions: [], tools: [], users: []}}",
                "2:23: clients[0].match.units: unknown key 'units' (did you mean 'unit'?)"
            ),
        ] as [(String, String)])
    func wrong(_ rule: String, _ problem: String) {
        #expect(problems("clients:\n  \(rule)\n") == ["toolauthd.yaml:\(problem)"])
    }

    @Test("have names of their own")
    func twice() {
        let rule = "  - {name: a, match: {uid: 1}, allow: {actions: [], tools: [], users: []}}\n"
        #expect(
            problems("clients:\n\(rule)\(rule)") == [
                "toolauthd.yaml:3:12: clients[1].name: another rule has this name: the journal could not tell them apart"
            ])
    }

    @Test(
        "addresses to listen on",
        arguments: [
            ("127.0.0.1:8790", "127.0.0.1", 8790, true), ("[::1]:1", "::1", 1, true),
            ("127.9.9.9:65535", "127.9.9.9", 65535, true),
            ("0.0.0.0:80", "0.0.0.0", 80, false), ("[::]:80", "::", 80, false),
            ("[::ffff:127.0.0.1]:80", "::ffff:127.0.0.1", 80, false),
        ] as [(String, String, UInt16, Bool)])
    func addresses(_ text: String, _ host: String, _ port: UInt16, _ isLoopback: Bool) {
        let address = ListenAddress(text)
        #expect(address?.host == host)
        #expect(address?.port == port)
        #expect(address?.isLoopback == isLoopback)
        #expect(address?.description == text)
    }

    @Test(
        "no addresses",
        arguments: [
            "", "127.0.0.1", ":80", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "::1:80", "[::1]", "[::1:80",
            "localhost:80", "127.0.0.1:+80", "127.1:80", "[127.0.0.1]:80",
        ])
    func noAddresses(_ text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
