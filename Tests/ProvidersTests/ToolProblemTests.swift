import OAuth
import TestSupport
import Testing

@testable import Providers

/// A tool document with lines put in for what the test is about. Line 1 is `tool:`.
private func problems(_ lines: String, provider: String = plainProvider) throws -> [String] {
    let fixture = ConfigurationFixture()
    fixture.write("providers.d/p.yaml", provider)
    fixture.write("tools.d/t.yaml", "tool:\n" + lines)
    return try fixture.problems()
}

private let required = """
      provider: example
      client_id: client
      redirect_uris: ["https://app.example.com/callback"]

    """

@Suite("What is wrong with a tool document")
struct ToolProblemTests {
    @Test(
        "is told with file, line, column, key and one sentence",
        arguments: [
            (
                "  clientid: x\n",
                "tools.d/t.yaml:5:3: tool.clientid: unknown key 'clientid' (did you mean 'client_id'?)"
            ),
            ("  zzzzz: x\n", "tools.d/t.yaml:5:3: tool.zzzzz: unknown key 'zzzzz'"),
            ("  scopes: read\n", "tools.d/t.yaml:5:11: tool.scopes: takes a list, not text"),
            ("  scopes: [{a: b}]\n", "tools.d/t.yaml:5:12: tool.scopes[0]: takes text, not a map"),
            (
                "  scopes: [a, b c]\n",
                "tools.d/t.yaml:5:15: tool.scopes[1]: 'b c' has a space in it; write each in a line of its own"
            ),
            ("  scopes: [a, a]\n", "tools.d/t.yaml:5:15: tool.scopes[1]: 'a' is listed twice"),
            ("  title: \"\"\n", "tools.d/t.yaml:5:10: tool.title: is empty"),
            ("  title:\n", "tools.d/t.yaml:5:9: tool.title: takes text, not nothing"),
            ("  title: [a]\n", "tools.d/t.yaml:5:10: tool.title: takes text, not a list"),
            (
                "  title: \"a\\nb\"\n",
                "tools.d/t.yaml:5:10: tool.title: has a line break or another control character in it"
            ),
            (
                "  extra_parameters: [hd, dpop_jkt]\n",
                "tools.d/t.yaml:5:26: tool.extra_parameters[1]: 'dpop_jkt' is a parameter of the protocol, which no caller sets"
            ),
            (
                "  extra_parameters: [state]\n",
                "tools.d/t.yaml:5:22: tool.extra_parameters[0]: 'state' is a parameter of the protocol, which no caller sets"
            ),
            (
                "  allow_http_loopback: yes\n",
                "tools.d/t.yaml:5:24: tool.allow_http_loopback: takes true or false, not 'yes' ('yes' is text in YAML 1.2)"
            ),
            (
                "  allow_http_loopback: \"true\"\n",
                "tools.d/t.yaml:5:24: tool.allow_http_loopback: takes true or false, not 'true'"
            ),
            (
                "  connection: {tenant: x}\n",
                "tools.d/t.yaml:5:24: tool.connection.tenant: provider 'example' knows no connection value 'tenant'"
            ),
            ("  proxy: proxy.example.com:3128\n", "tools.d/t.yaml:5:10: tool.proxy: is not absolute"),
            (
                "  proxy: ftp://proxy.example.com\n",
                "tools.d/t.yaml:5:10: tool.proxy: is neither https nor http"
            ),
            (
                "  proxy: http://proxy.example.com/x\n",
                "tools.d/t.yaml:5:10: tool.proxy: takes scheme, host and port of a proxy, such as http://proxy.example.com:3128"
            ),
            ("  proxy: http://a:b@proxy.example.com\n", "tools.d/t.yaml:5:10: tool.proxy: has user information"),
            (
                "  frontend_redirects: [\"https://a.example/*/b\"]\n",
                "tools.d/t.yaml:5:24: tool.frontend_redirects[0]: has a '*' that is not the last character of its path"
            ),
            (
                "  frontend_redirects: [\"http://a.example/\"]\n",
                "tools.d/t.yaml:5:24: tool.frontend_redirects[0]: is not https"
            ),
            (
                "  refresh: {policy: egaer}\n",
                "tools.d/t.yaml:5:21: tool.refresh.policy: takes eager, active or on_demand, not 'egaer' (did you mean 'eager'?)"
            ),
            (
                "  refresh: {idle_after: 7}\n",
                "tools.d/t.yaml:5:25: tool.refresh.idle_after: takes a duration from 1ms to 3650d, such as 500ms, 30s, 10m, 12h or 7d, not '7'"
            ),
            (
                "  refresh: {at_least: 9s}\n",
                "tools.d/t.yaml:5:23: tool.refresh.at_least: takes a duration from 10s to 3650d, such as 500ms, 30s, 10m, 12h or 7d, not '9s'"
            ),
            (
                "  refresh: {rate: {per: 1m}}\n",
                "tools.d/t.yaml:5:13: tool.refresh.rate.requests: 'requests' is missing"
            ),
            ("  refresh: {rate: {requests: 1}}\n", "tools.d/t.yaml:5:13: tool.refresh.rate.per: 'per' is missing"),
            (
                "  refresh: {rate: {requests: 0, per: 1m}}\n",
                "tools.d/t.yaml:5:30: tool.refresh.rate.requests: takes a whole number from 1 to 1000000, not '0'"
            ),
            (
                "  refresh: {rate: {requests: 1, per: 0s}}\n",
                "tools.d/t.yaml:5:38: tool.refresh.rate.per: takes a duration from 1ms to 3650d, such as 500ms, 30s, 10m, 12h or 7d, not '0s'"
            ),
            (
                "  refresh: {rate: {requests: 1, per: 1m, by: user}}\n",
                "tools.d/t.yaml:5:46: tool.refresh.rate.by: takes record or client, not 'user'"
            ),
            ("  refresh: {rate: 10}\n", "tools.d/t.yaml:5:19: tool.refresh.rate: takes a map, not text"),
            (
                "  refresh: {at_least: 30s, rate: {requests: 2, per: 10m, by: record}}\n",
                "tools.d/t.yaml:5:13: tool.refresh.at_least: is every 30s, and 'rate' allows each grant 2 in 10m, taking provider document and toolauthd.yaml together"
            ),
            (
                "  refresh: {how: password}\n",
                "tools.d/t.yaml:5:18: tool.refresh.how: takes refresh_token, reacquire, exchange_access_token or none, not 'password'"
            ),
            (
                "  refresh: {refresh_token: {absolute: never}}\n",
                "tools.d/t.yaml:5:39: tool.refresh.refresh_token.absolute: takes a duration from 1ms to 3650d, such as 500ms, 30s, 10m, 12h or 7d, not 'never'"
            ),
            (
                "  refresh: {refresh_token: {livetime: 1d}}\n",
                "tools.d/t.yaml:5:29: tool.refresh.refresh_token.livetime: unknown key 'livetime' (did you mean 'lifetime'?)"
            ),
            (
                "  refresh: {ahead: {fraction: 0}}\n",
                "tools.d/t.yaml:5:31: tool.refresh.ahead.fraction: takes a number above 0 and up to 1, not '0'"
            ),
            (
                "  refresh: {ahead: {fraction: 1.1}}\n",
                "tools.d/t.yaml:5:31: tool.refresh.ahead.fraction: takes a number above 0 and up to 1, not '1.1'"
            ),
            (
                "  refresh: {jitter: -1}\n",
                "tools.d/t.yaml:5:21: tool.refresh.jitter: takes a number from 0 to 1, not '-1'"
            ),
            (
                "  refresh: {ahead: {min: 8d}}\n",
                "tools.d/t.yaml:5:13: tool.refresh.ahead: min (8d) is more than max (7d), taking provider document and toolauthd.yaml together"
            ),
            (
                "  refresh: {earliest: 30}\n",
                "tools.d/t.yaml:5:23: tool.refresh.earliest: takes a duration from 1ms to 3650d, such as 500ms, 30s, 10m, 12h or 7d, not '30'"
            ),
            (
                "  refresh: {concurrency: 0}\n",
                "tools.d/t.yaml:5:26: tool.refresh.concurrency: takes a whole number from 1 to 256, not '0'"
            ),
            ("  optional_scopes: [a, a]\n", "tools.d/t.yaml:5:24: tool.optional_scopes[1]: 'a' is listed twice"),
            (
                "  tls: {ca_file: ca.pem}\n",
                "tools.d/t.yaml:5:18: tool.tls.ca_file: DIR/ca.pem cannot be read: No such file or directory"
            ),
        ])
    func told(lines: String, problem: String) throws {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", plainProvider)
        fixture.write("tools.d/t.yaml", "tool:\n" + required + lines)
        let loaded = try fixture.load()
        let expected = problem.replacing("DIR/", with: "\(fixture.directory.path)/")
        #expect(loaded.problems.map(\.description) == ["\(fixture.directory.path)/\(expected)"])
        #expect(loaded.tools.isEmpty)
        #expect(loaded.unavailable.map(\.reason) == loaded.problems.map(\.description))
    }

    @Test(
        "what will not be kept to is a warning, and the tool is used",
        arguments: [
            (
                "  refresh: {policy: active, idle_after: 10m}\n",
                "tools.d/t.yaml:5:29: tool.refresh.idle_after: is shorter than 1h; fetches are noted once an hour, so some are overlooked"
            ),
            (
                "  refresh: {policy: on_demand, at_least: 1d}\n",
                "tools.d/t.yaml:5:32: tool.refresh.at_least: has no effect: with policy on_demand nothing is refreshed ahead of time"
            ),
            ("  refresh: {policy: eager, idle_after: 10m}\n", nil),
            ("  refresh: {policy: active, at_least: 1d}\n", nil),
            ("  refresh: {at_least: 10s, rate: {requests: 1, per: 1d}}\n", nil),
        ])
    func warned(lines: String, problem: String?) throws {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", plainProvider)
        fixture.write("tools.d/t.yaml", "tool:\n" + required + lines)
        let loaded = try fixture.load()
        #expect(loaded.problems.map { fixture.told($0.description) } == [problem].compactMap(\.self))
        #expect(loaded.problems.allSatisfy { $0.severity == .warning })
        #expect(loaded.tools.count == 1)
    }

    @Test("missing keys are told where the tool's name stands")
    func missing() throws {
        #expect(
            try problems("  title: x\n") == [
                "tools.d/t.yaml:1:1: tool.provider: 'provider' is missing",
                "tools.d/t.yaml:1:1: tool.client_id: 'client_id' is missing",
                "tools.d/t.yaml:1:1: tool.redirect_uris: 'redirect_uris' is missing",
            ])
    }

    @Test(
        "a redirect URI is https, http to a literal loopback address, or of a domain's private scheme",
        arguments: [
            ("https://app.example.com/cb", nil), ("http://127.0.0.1:8790/callback", nil), ("http://[::1]/cb", nil),
            ("com.example.app:/cb", nil),
            (
                "http://localhost/cb",
                "is plain http; only http://127.0.0.1 and http://[::1] may be, other hosts need https"
            ),
            ("https://app.example.com/cb#x", "has a fragment"),
            ("https://a:b@app.example.com/", "has user information"),
            ("/callback", "is not absolute"),
        ])
    func redirects(uri: String, problem: String?) throws {
        let told = try problems("  provider: example\n  client_id: c\n  redirect_uris: [\"\(uri)\"]\n")
        #expect(told == (problem.map { ["tools.d/t.yaml:4:19: tool.redirect_uris[0]: \($0)"] } ?? []))
    }

    @Test("a tool without a redirect URI is told so")
    func noRedirect() throws {
        #expect(
            try problems("  provider: example\n  client_id: c\n  redirect_uris: []\n") == [
                "tools.d/t.yaml:4:18: tool.redirect_uris: names none; the first is the default"
            ])
    }

    @Test("a scope that is asked for anyway is not optional")
    func optionalScope() throws {
        #expect(
            try problems(required + "  scopes: [a]\n  optional_scopes: [a]\n") == [
                "tools.d/t.yaml:6:21: tool.optional_scopes[0]: 'a' is among 'scopes' already"
            ])
    }

    @Test("all that is wrong is told at once, and the reason counts it")
    func all() throws {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", plainProvider)
        fixture.write("tools.d/t.yaml", "tool:\n" + required + "  scopes: x\n  tiitle: y\n  proxy: z\n")
        let loaded = try fixture.load()
        #expect(loaded.problems.map(\.key) == ["tool.scopes", "tool.tiitle", "tool.proxy"])
        #expect(loaded.unavailable.first?.reason == "\(loaded.problems[0]) (and 2 more)")
    }

    @Test(
        "a name that is no id is told, and has no tool",
        arguments: ["Gmail", "-x", "a.b", String(repeating: "a", count: 65)])
    func badName(name: String) throws {
        let fixture = ConfigurationFixture()
        fixture.write("tools.d/t.yaml", "\(name):\n" + required)
        let loaded = try fixture.load()
        #expect(loaded.unavailable.map(\.toolID) == [nil])
        #expect(try fixture.problems().first?.hasPrefix("tools.d/t.yaml:1:1: \(name): '\(name)' is no name;") == true)
    }

    @Test("numbers and words of YAML are text where text belongs")
    func scalarsAsText() throws {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", plainProvider)
        fixture.write(
            "tools.d/t.yaml",
            "tool: {provider: example, client_id: 0123, title: no, redirect_uris: [\"https://a.example/\"]}\n")
        let tool = try #require(try fixture.load().tools.first)
        #expect(tool.oauth2.clientID == "0123")
        #expect(tool.title == "no")
    }

    @Test("a section whose lines are all commented out is as if it were not there")
    func emptySections() throws {
        #expect(try problems(required + "  refresh:\n  scopes:\n  connection:\n  tls:\n") == [])
    }

    @Test("a provider inline is checked like one in a file")
    func inline() throws {
        let lines = """
              client_id: c
              redirect_uris: ["https://a.example/"]
              provider:
                authorization: {endpoint: "https://auth.example.com/a", pcke: none}
                token: {endpoint: "https://auth.example.com/t"}

            """
        #expect(
            try problems(lines) == [
                "tools.d/t.yaml:5:61: tool.provider.authorization.pcke: unknown key 'pcke' (did you mean 'pkce'?)"
            ])
    }

    @Test("an unknown provider is told with the nearest one")
    func unknownProvider() throws {
        #expect(
            try problems("  provider: exmaple\n  client_id: c\n  redirect_uris: [\"https://a.example/\"]\n") == [
                "tools.d/t.yaml:2:13: tool.provider: unknown provider 'exmaple' (did you mean 'example'?)"
            ])
    }
}
