import OAuth
import Testing

@testable import Providers

@Suite("Connection values that callers may give")
struct CallerValueTests {
    /// Which of `x` and `y` decide the host.
    private func deciding(_ lines: String, tool: String = "") throws -> Set<String> {
        let configuration = try load(
            provider: """
                  connection:
                    x: {pattern: "[a-z.:/]+", default: "a.example"}
                    y: {pattern: "[a-z.:/]+", default: "b.example"}
                \(lines)
                """, tool: tool)
        return Set(configuration.connectionParameters.filter(\.decidesHost).map(\.name))
    }

    @Test(
        "are not those that alone decide which host is asked, anywhere in the document",
        arguments: [
            ("https://a.example/${connection.x}", []), ("https://a.example?x=${connection.x}", []),
            ("https://${connection.x}.shops.example/t", []), ("https://${connection.x}/t", ["x"]),
            ("https://${connection.x}.example/t", ["x"]), ("https://x${connection.x}/t", ["x"]),
            ("https://shops.example${connection.x}/t", ["x"]), ("https://a.example:${connection.x}/t", ["x"]),
            ("https://${connection.x}${connection.y}.shops.example/t", ["x"]),
        ] as [(String, Set<String>)])
    func places(url: String, names: Set<String>) throws {
        let consent = "  authorization: {endpoint: \"https://a.example/a\"}\n"
        let exchange = "  token: {endpoint: \"https://a.example/t\"}\n"
        let known = names.isEmpty ? "" : "  connection: {x: \"\(url.contains(":$") ? ":" : "c.example")\"}\n"
        if url.contains(":$") { return try digits(url) }
        #expect(try deciding(consent + "  token: {endpoint: \"\(url)\"}\n", tool: known) == names)
        #expect(try deciding("  authorization: {endpoint: \"\(url)\"}\n" + exchange, tool: known) == names)
        #expect(
            try deciding(consent + exchange + "  revocation: {endpoint: \"\(url)\"}\n", tool: known) == names)
        #expect(
            try deciding(
                consent + "  token: {endpoint: [\"https://a.example/${connection.y}\", \"\(url)\"]}\n", tool: known)
                == names)
        guard !url.contains("?") else { return }
        let issuer = "  issuer: \"\(url)\"\n"
        #expect(try deciding(consent + exchange + issuer, tool: known) == names)
    }

    @Test(
        "are none of an issuer whose metadata names an endpoint: another tenant's may name any host",
        arguments: [
            ("https://a.example/${connection.x}", ["x"]), ("https://${connection.x}.shops.example/t", ["x"]),
            ("https://${connection.x}.shops.example/${connection.y}", ["x", "y"]), ("https://a.example/", []),
        ] as [(String, Set<String>)], ["all", "authorization", "token", "revocation"])
    func issuer(url: (url: String, names: Set<String>), asked: String) throws {
        let named = ["authorization", "token", "revocation"].map { section in
            let endpoint = section == asked ? "" : "endpoint: \"https://a.example/\(section)\""
            return "  \(section): {\(endpoint)}\n"
        }
        let lines = (asked == "all" ? "" : named.joined()) + "  issuer: \"\(url.url)\"\n"
        #expect(try deciding(lines) == url.names)
    }

    private func digits(_ url: String) throws {
        let configuration = try load(
            provider: """
                  connection: {x: {pattern: "[0-9]+", default: "8443"}}
                  authorization: {endpoint: "https://a.example/a"}
                  token: {endpoint: "\(url)"}

                """)
        #expect(configuration.connectionParameters.map(\.decidesHost) == [true])
    }

    @Test("are those of a list of hosts, wherever they stand")
    func hosts() throws {
        let configuration = try load(
            provider: """
                  connection: {x: {hosts: [a.example, b.example]}}
                  authorization: {endpoint: "https://${connection.x}/a"}
                  token: {endpoint: "https://${connection.x}/t"}

                """)
        #expect(configuration.connectionParameters.map(\.isOpenToCallers) == [true])
    }

    @Test("a value that begins the URL is not theirs, though a domain follows")
    func first() throws {
        let configuration = try load(
            provider: """
                  connection: {x: {pattern: "https://.*", default: "https://d"}}
                  authorization: {endpoint: "https://a.example/a"}
                  token: {endpoint: "${connection.x}.shops.example/t"}

                """)
        #expect(configuration.connectionParameters.map(\.isOpenToCallers) == [false])
    }

    @Test("replies and callbacks cannot pass for them", arguments: ["callback", "token", "upgrade", "refresh"])
    func hidden(place: String) throws {
        for (name, what) in [
            ("connection.x", "a connection value"), ("redirect_uri", "the redirect URI of the authorization"),
        ] {
            let told = try problems(keeping: name, in: place)
            #expect(told.count == 1)
            #expect(told.first?.hasSuffix(".metadata: '\(name)' would hide \(what)") == true, "\(told)")
        }
    }

    private func problems(keeping name: String, in place: String) throws -> [String] {
        let metadata = "metadata: [\(name)]"
        let fixture = ConfigurationFixture()
        func reply(_ name: String) -> String { place == name ? ", response: {\(metadata)}" : "" }
        fixture.write(
            "providers.d/p.yaml",
            """
            example:
              authorization: {endpoint: "https://a.example/a"\(place == "callback" ? ", callback: {\(metadata)}" : "")}
              token: {endpoint: "https://a.example/t"\(reply("token"))}
              upgrade: {endpoint: "https://a.example/u"\(reply("upgrade"))}
              refresh: {endpoint: "https://a.example/r"\(reply("refresh"))}

            """)
        return try fixture.problems()
    }
}
