import OAuth
import Testing

@testable import Providers

/// The token endpoint a tool gets for a connection, or the problems.
private func load(
    token: String, entries: String, connection: String, options: String = ""
) throws -> (url: String?, problems: [String]) {
    let fixture = ConfigurationFixture()
    fixture.write(
        "providers.d/p.yaml",
        """
        example:
          connection: {\(entries)}
          authorization: {endpoint: "https://auth.example.com/authorize"}
          token: {endpoint: "\(token)"}

        """)
    fixture.write("tools.d/t.yaml", plainTool + "  connection: {\(connection)}\n" + options)
    let loaded = try fixture.load()
    return (loaded.tools.first?.oauth2.token.url.text, loaded.problems.map { fixture.told($0.description) })
}

@Suite("Connection values")
struct ConnectionTests {
    @Test(
        "fill the places of an endpoint, encoded for where they stand",
        arguments: [
            ("https://${connection.x}.example.com/t", "acme", "https://acme.example.com/t"),
            ("${connection.x}/t", "https://gitlab.example.com", "https://gitlab.example.com/t"),
            ("https://${connection.x}/t", "gitlab.example.com:8443", "https://gitlab.example.com:8443/t"),
            ("https://a.example.com:${connection.x}/t", "8443", "https://a.example.com:8443/t"),
            ("https://a.example.com/${connection.x}/t", "a b/c?d#e", "https://a.example.com/a%20b%2Fc%3Fd%23e/t"),
            ("https://a.example.com/t?x=${connection.x}", "a&b=c", "https://a.example.com/t?x=a%26b%3Dc"),
            ("https://a.example.com/${connection.x}", "café", "https://a.example.com/caf%C3%A9"),
        ])
    func filled(template: String, value: String, url: String) throws {
        let result = try load(token: template, entries: "x: {pattern: \".*\"}", connection: "x: \"\(value)\"")
        #expect(result.url == url)
        #expect(result.problems == [])
    }

    @Test(
        "never bring another host in, whatever the pattern lets through",
        arguments: [
            ("https://${connection.x}.example.com/t", "evil.example/"),
            ("https://${connection.x}.example.com/t", "evil.example#"),
            ("https://${connection.x}.example.com/t", "evil.example?"), ("https://${connection.x}/t", "a@evil.example"),
            ("https://${connection.x}/t", "a\\\\b"), ("https://${connection.x}/t", "a%2fb"),
            ("https://${connection.x}/t", "é.example"),
        ])
    func hostileHosts(template: String, value: String) throws {
        let result = try load(token: template, entries: "x: {pattern: \".*\"}", connection: "x: \"\(value)\"")
        #expect(result.url == nil)
        #expect(result.problems.count == 1)
        #expect(result.problems.first?.hasSuffix("in its host, which is no part of one (for tool 'tool')") == true)
    }

    @Test(
        "are checked with the whole address after they are filled in",
        arguments: [
            ("127.0.0.1", "is on this machine (127.0.0.1); only with allow_http_loopback, which is for tests"),
            ("169.254.169.254", "is a private address (169.254.169.254); only with allow_private_addresses"),
            ("a:b:c", "has a port that is none of 1–65535"),
            ("2130706433", "has '2130706433' as its host, which is neither a name nor a plain address"),
        ])
    func expandedAddress(value: String, problem: String) throws {
        let result = try load(
            token: "https://${connection.x}/t", entries: "x: {pattern: \".*\"}", connection: "x: \"\(value)\"")
        #expect(result.problems == ["providers.d/p.yaml:4:21: example.token.endpoint: \(problem) (for tool 'tool')"])
    }

    @Test(
        "leave the rest of an address to be checked when they are a caller's",
        arguments: [
            ("http://auth.example.com/${connection.x}/t", "is not https"),
            ("http://${connection.x}.shops.example/t", "is not https"),
            (
                "https://10.0.0.1/${connection.x}",
                "is a private address (10.0.0.1); only with allow_private_addresses"
            ),
            (
                "https://127.0.0.1/t?x=${connection.x}",
                "is on this machine (127.0.0.1); only with allow_http_loopback, which is for tests"
            ),
        ])
    func addressOfOpen(template: String, problem: String) throws {
        let entries = "x: {pattern: \"[a-z]+\"}"
        let result = try load(token: template, entries: entries, connection: "")
        #expect(result.problems == ["providers.d/p.yaml:4:21: example.token.endpoint: \(problem) (for tool 'tool')"])
        let allowed = try load(
            token: template, entries: entries, connection: "",
            options: "  allow_private_addresses: true\n  allow_http_loopback: true\n")
        #expect(allowed.problems.isEmpty == !template.hasPrefix("http:"))
    }

    @Test("may be private where the tool allows it")
    func allowed() throws {
        let result = try load(
            token: "https://${connection.x}/t", entries: "x: {pattern: \".*\"}", connection: "x: 10.0.0.7",
            options: "  allow_private_addresses: true\n")
        #expect(result.url == "https://10.0.0.7/t")
    }

    @Test(
        "match the whole of their pattern",
        arguments: [
            ("^[a-z0-9-]+$", "acme", true), ("[a-z]+", "acme", true), ("[a-z]+", "acme1", false),
            ("[a-z]+", "ACME", false), ("[a-z]+", "acme\\n", false), ("a|b", "ab", false), (".", "e\u{301}", false),
        ])
    func patterns(pattern: String, value: String, matches: Bool) throws {
        let result = try load(
            token: "https://a.example.com/${connection.x}", entries: "x: {pattern: \"\(pattern)\"}",
            connection: "x: \"\(value)\"")
        #expect((result.url != nil) == matches)
    }

    @Test("that are dot segments or empty are refused", arguments: [".", "..", ""])
    func dotSegments(value: String) throws {
        let result = try load(
            token: "https://a.example.com/${connection.x}/t", entries: "x: {}", connection: "x: \"\(value)\"")
        #expect(result.url == nil)
    }

    @Test("of a list of hosts are taken from it")
    func hosts() throws {
        let entries = "x: {hosts: [accounts.zoho.com, accounts.zoho.eu]}"
        #expect(
            try load(token: "https://${connection.x}/t", entries: entries, connection: "x: accounts.zoho.eu").url != nil
        )
        #expect(
            try load(token: "https://${connection.x}/t", entries: entries, connection: "x: accounts.zoho.example")
                .problems == [
                    "tools.d/t.yaml:5:19: tool.connection.x: 'accounts.zoho.example' is none of the hosts allowed for 'x': "
                        + "accounts.zoho.com, accounts.zoho.eu"
                ])
    }

    @Test("that decide the host must be given by the tool, or have a default")
    func neededByTool() throws {
        let template = "https://${connection.x}/t"
        let entry = "x: {pattern: \"[a-z.]+\", description: the server"
        #expect(
            try load(token: template, entries: "\(entry)}", connection: "").problems == [
                "tools.d/t.yaml:1:1: tool.connection.x: provider 'example' needs a value for 'x' (the server)"
            ])
        #expect(try load(token: template, entries: "\(entry), default: d.example}", connection: "").problems == [])
    }

    @Test("that decide the host and that the tool leaves out are the default: nobody else gives them")
    func unchangedDefault() throws {
        let result = try load(
            token: "https://${connection.x}/t", entries: "x: {pattern: \"[a-z.]+\", default: d.example}", connection: ""
        )
        #expect(result.url == "https://d.example/t")
    }

    @Test(
        "left out of a tool of the catalogue leave no doubt about its host",
        arguments: [
            ("gitlab", "https://gitlab.com:443"), ("salesforce", "https://login.salesforce.com:443"),
        ])
    func shippedDefault(provider: String, origin: String) throws {
        var fixture = ConfigurationFixture()
        fixture.catalogue = ConfigurationFixture.shippedCatalogue
        fixture.write("tools.d/t.yaml", plainTool.replacing("example\n", with: "\(provider)\n"))
        let loaded = try fixture.load()
        #expect(loaded.problems.map { fixture.told($0.description) } == [])
        let tool = try #require(loaded.tools.first)
        #expect(tool.tokenOrigin == origin)
        #expect(tool.oauth2.sharesEndpoint)
    }

    @Test(
        "that only choose within what the document bounds are left open to callers",
        arguments: [
            ("https://a.example.com/${connection.x}", "x: {}"),
            ("https://a.example.com/${connection.x}", "x: {default: d}"),
            ("https://${connection.x}.shops.example/t", "x: {pattern: \"[a-z]+\"}"),
            ("https://${connection.x}/t", "x: {hosts: [a.example.com, b.example.com]}"),
        ])
    func open(template: String, entry: String) throws {
        let result = try load(token: template, entries: entry, connection: "")
        #expect(result.problems == [])
        #expect(result.url == template)
    }

    @Test("are told with the nearest name when unknown")
    func unknown() throws {
        let result = try load(
            token: "https://a.example.com/${connection.tenant}", entries: "tenant: {default: d}",
            connection: "tennant: x")
        #expect(
            result.problems == [
                "tools.d/t.yaml:5:25: tool.connection.tennant: provider 'example' knows no connection value 'tennant' "
                    + "(did you mean 'tenant'?)"
            ])
    }

    @Test("go into the configuration, for templates of parameters")
    func configuration() throws {
        let fixture = ConfigurationFixture()
        fixture.write(
            "providers.d/p.yaml",
            """
            example:
              connection: {a: {default: x}, b: {}}
              authorization: {endpoint: "https://auth.example.com/authorize", parameters: {org: "${connection.b}"}}
              token: {endpoint: "https://auth.example.com/token"}

            """)
        fixture.write("tools.d/t.yaml", plainTool + "  connection: {b: 12}\n")
        let tool = try #require(try fixture.load().tools.first)
        #expect(tool.oauth2.connection == ["b": "12"])
        #expect(tool.oauth2.authorization.parameters == ["org": "${connection.b}"])
    }
}
