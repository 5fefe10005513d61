import Testing

@testable import Providers

/// Problems of a provider document, written with its own lines: line 1 is `p:`.
private func problems(_ lines: String) throws -> [String] {
    let fixture = ConfigurationFixture()
    fixture.write("providers.d/p.yaml", "p:\n" + lines)
    return try fixture.problems()
}

@Suite("What is wrong with a provider document")
struct ProviderProblemTests {
    @Test(
        "in `authorization` is told",
        arguments: [
            ("pkce: plain", "p.authorization.pkce: takes S256 or none, not 'plain'"),
            (
                "scope: {seperator: x}",
                "p.authorization.scope.seperator: unknown key 'seperator' (did you mean 'separator'?)"
            ),
            ("parameters: {state: x}", "p.authorization.parameters.state: 'state' is set by the daemon"),
            ("parameters: {scope: x}", "p.authorization.parameters.scope: 'scope' is set by the daemon"),
            (
                "parameters: {a: \"${scop}\"}",
                "p.authorization.parameters.a: '${scop}' names nothing that exists (did you mean 'scope'?)"
            ),
            (
                "parameters: {a: \"${uuid}\"}",
                "p.authorization.parameters.a: '${uuid}' is not supported by this version"
            ),
            (
                "parameters: {a: \"${metadata.x}\"}",
                "p.authorization.parameters.a: '${metadata.x}' has a value only in 'refresh', when there is metadata"
            ),
            (
                "parameters: {a: \"${connection.x}\"}",
                "p.authorization.parameters.a: '${connection.x}' names nothing that exists"
            ),
            ("parameters: {a: \"${\"}", "p.authorization.parameters.a: '${' without its '}'"),
            ("rename: {state: x}", "p.authorization.rename.state: 'state' cannot be renamed or left out"),
            ("rename: {scope: x}", "p.authorization.rename.scope: is set by 'scope: {parameter: …}'"),
            (
                "rename: {clientid: x}",
                "p.authorization.rename.clientid: 'clientid' is no parameter of this request (did you mean 'client_id'?)"
            ),
            (
                "rename: {code_challenge: null}",
                "p.authorization.rename.code_challenge: 'code_challenge' cannot be left out; write 'pkce: none'"
            ),
            ("pushed: {}", "p.authorization.pushed: 'pushed' is not supported by this version"),
        ])
    func authorization(item: String, problem: String) throws {
        let told = try problems(
            "  token: {endpoint: \"https://a.example/t\"}\n  authorization: {endpoint: \"https://a.example/a\", \(item)}\n"
        )
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("providers.d/p.yaml:3:") == true)
        #expect(told.first?.hasSuffix(" \(problem)") == true, "\(told)")
    }

    @Test(
        "in `token` is told",
        arguments: [
            (
                "client_authentication: private_key_jwt",
                "p.token.client_authentication: 'private_key_jwt' is not supported by this version"
            ),
            (
                "client_authentication: basic",
                "p.token.client_authentication: takes client_secret_basic, client_secret_post or none, not 'basic'"
            ),
            ("body: xml", "p.token.body: takes form, json or query, not 'xml'"),
            (
                "headers: {Authorization: x}",
                "p.token.headers.Authorization: the header 'Authorization' is set by the daemon"
            ),
            (
                "headers: {content-type: x}",
                "p.token.headers.content-type: the header 'content-type' is set by the daemon"
            ),
            ("headers: {\"a b\": x}", "p.token.headers.a b: 'a b' is no name of a header"),
            ("headers: {X: \"${scope}\"}", "p.token.headers.X: takes ASCII text without '${'"),
            (
                "parameters: {client_secret: x}",
                "p.token.parameters.client_secret: 'client_secret' is set by the daemon"
            ),
            ("rename: {code: null}", "p.token.rename.code: 'code' cannot be left out"),
            (
                "response: {expiry: {is: minutes}}",
                "p.token.response.expiry.is: takes seconds, milliseconds, epoch, epoch_ms or iso8601, not 'minutes'"
            ),
            (
                "response: {at: a.b, access_token: a..b}",
                "p.token.response.access_token: takes names with single dots between, not 'a..b'"
            ),
            (
                "response: {success: [404]}",
                "p.token.response.success[0]: takes a whole number from 200 to 299, not '404'"
            ),
            ("response: {failed_when: {path: ok}}", "p.token.response.failed_when.equals: 'equals' is missing"),
            ("response: {grant_rejected: x}", "p.token.response.grant_rejected: takes a list, not text"),
        ])
    func token(item: String, problem: String) throws {
        let told = try problems(
            "  authorization: {endpoint: \"https://a.example/a\"}\n  token: {endpoint: \"https://a.example/t\", \(item)}\n"
        )
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("providers.d/p.yaml:3:") == true)
        #expect(told.first?.hasSuffix(" \(problem)") == true, "\(told)")
    }

    @Test(
        "at its top is told",
        arguments: [
            ("extends: x", "p.extends: 'extends' is not supported by this version"),
            ("pushed: {}", "p.pushed: 'pushed' is not supported by this version"),
            ("device: {}", "p.device: 'device' is not supported by this version"),
            ("issuer: http://auth.example.com", "p.issuer: is not https"),
            ("issuer: https://auth.example.com?x", "p.issuer: has a query, which no issuer has"),
            ("issuer: https://auth.example.com#x", "p.issuer: has a fragment"),
            ("revocation: {}", "p.revocation.endpoint: 'endpoint' is missing"),
            (
                "revocation: {endpoint: \"https://a.example/r\", token: access_token}",
                "p.revocation.token: 'access_token' is not supported by this version"
            ),
            (
                "refresh: {how: exchange_access_token}",
                "p.refresh.how: 'exchange_access_token' is not supported by this version"
            ),
            ("refresh: {rotation: always}", "p.refresh.rotation: takes none, rotating or single_use, not 'always'"),
            ("refresh: {policy: eager}", "p.refresh.policy: unknown key 'policy'"),
            (
                "refresh: {endpoint: \"https://a.example/${scope}\"}",
                "p.refresh.endpoint: '${scope}' in an endpoint is not supported by this version"
            ),
            (
                "refresh: {parameters: {a: \"${metadata.x}\"}}",
                "p.refresh.parameters.a: '${metadata.x}' names nothing that exists"
            ),
            ("connection: {x: {pattern: \"[\"}}", "p.connection.x.pattern: is not a regular expression"),
            (
                "connection: {x: {pattern: \"[a-z]+\", default: \"1\"}}",
                "p.connection.x.default: '1' does not match the pattern of 'x', [a-z]+"
            ),
        ])
    func top(item: String, problem: String) throws {
        let told = try problems(
            "  \(item)\n  authorization: {endpoint: \"https://a.example/a\"}\n  token: {endpoint: \"https://a.example/t\"}\n"
        )
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("providers.d/p.yaml:2:") == true)
        #expect(told.first?.hasSuffix(" \(problem)") == true, "\(told)")
    }

    @Test("endpoints are missing")
    func missing() throws {
        #expect(
            try problems("  title: x\n") == [
                "providers.d/p.yaml:1:1: p.authorization: 'authorization' is missing",
                "providers.d/p.yaml:1:1: p.token: 'token' is missing",
            ])
        #expect(
            try problems("  authorization: {}\n  token: {}\n") == [
                "providers.d/p.yaml:2:3: p.authorization.endpoint: 'endpoint' is missing",
                "providers.d/p.yaml:3:3: p.token.endpoint: 'endpoint' is missing",
            ])
    }

    @Test("an issuer alone is not enough")
    func issuerAlone() throws {
        #expect(
            try problems("  issuer: https://auth.example.com\n") == [
                "providers.d/p.yaml:2:11: p.issuer: discovery is not supported by this version; give the endpoints under "
                    + "'authorization' and 'token'"
            ])
    }

    @Test(
        "a URL that can be none is told without any tool",
        arguments: [
            ("[\"https://a.example/\"]", "a list of endpoints is not supported by this version"),
            ("\"https://a.example/#x\"", "has a fragment"), ("\"https://a@b.example/\"", "has user information"),
            ("a.example/t", "is not absolute"), ("ftp://a.example/t", "is neither https nor http"),
            (
                "\"https://a.example/a b\"",
                "has spaces, control characters or characters beyond ASCII; percent-encode them"
            ),
            ("https://a.example:99999/", "has a port that is none of 1–65535"), ("\"\"", "is empty"),
            ("\"${connection.x}/t\"", "begins with a template; write the scheme out"),
            (
                "\"https://${connection.y}.a.example/t\"",
                "'${connection.y}' stands in the host, so its connection entry needs a 'pattern' or 'hosts'"
            ),
            (
                "\"https://a.example:${connection.y}/t\"",
                "'${connection.y}' stands in the host, so its connection entry needs a 'pattern' or 'hosts'"
            ),
            (
                "\"https://a.example/${connection.z}\"",
                "'${connection.z}' names nothing that exists (did you mean 'connection.x'?)"
            ),
            ("\"https://a.example/${metadata.z}\"", "'${metadata.z}' in an endpoint is not supported by this version"),
        ])
    func endpoints(url: String, problem: String) throws {
        let told = try problems(
            """
              connection: {x: {pattern: ".*"}, y: {}}
              authorization: {endpoint: "https://a.example/a"}
              token:
                endpoint: \(url)

            """)
        #expect(told == ["providers.d/p.yaml:5:15: p.token.endpoint: \(problem)"])
    }
}
