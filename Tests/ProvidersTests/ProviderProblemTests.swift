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
                "callback: {metadata: [x]}, parameters: {a: \"${metadata.x}\"}",
                "p.authorization.parameters.a: '${metadata.x}' has no value yet when this request is made"
            ),
            (
                "callback: {metadata: [connection.x]}",
                "p.authorization.callback.metadata: 'connection.x' would hide a connection value"
            ),
            (
                "scope: {always: offline_access}",
                "p.authorization.scope.always: takes a list, not text"
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
                "p.token.client_authentication: takes client_secret_basic, client_secret_post, client_secret_as_user or none, not 'basic'"
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
            ("pushed: {}", "p.pushed: 'pushed' is not supported by this version"),
            ("device: {}", "p.device: 'device' is not supported by this version"),
            ("issuer: http://auth.example.com", "p.issuer: is not https"),
            ("issuer: https://auth.example.com?x", "p.issuer: has a query, which no issuer has"),
            ("issuer: https://auth.example.com#x", "p.issuer: has a fragment"),
            ("revocation: {}", "p.revocation.endpoint: 'endpoint' is missing"),
            (
                "upgrade: {rename: {code: x}}", "p.upgrade.rename.code: 'code' is no parameter of this request"
            ),
            (
                "refresh: {how: password}",
                "p.refresh.how: takes refresh_token, reacquire, exchange_access_token or none, not 'password'"
            ),
            (
                "refresh: {parameters: {grant_type: x}}",
                "p.refresh.parameters.grant_type: 'grant_type' is set by the daemon; its value is given by 'grant_type' beside 'parameters'"
            ),
            (
                "refresh: {method: get, body: json}",
                "p.refresh.body: has no effect: with method get all parameters go in the query"
            ),
            ("refresh: {rotation: always}", "p.refresh.rotation: takes none, rotating or single_use, not 'always'"),
            ("refresh: {policy: eager}", "p.refresh.policy: unknown key 'policy'"),
            (
                "refresh: {endpoint: \"https://${scope}.a.example/\"}",
                "p.refresh.endpoint: '${scope}' stands in the host, where only connection and metadata may"
            ),
            (
                "issuer: \"https://a.example/${scope}\"",
                "p.issuer: '${scope}' cannot be part of an issuer; only connection values can"
            ),
            (
                "refresh: {parameters: {a: \"${metadata.x}\"}}",
                "p.refresh.parameters.a: '${metadata.x}' names nothing that exists"
            ),
            ("connection: {x: {pattern: \"[\"}}", "p.connection.x.pattern: is not a regular expression"),
            (
                "connection: {x: {hosts: [Accounts.example.com]}}",
                "p.connection.x.hosts[0]: 'Accounts.example.com' is no host in lower case, such as accounts.example.com"
            ),
            (
                "connection: {x: {hosts: [\"https://a.example\"]}}",
                "p.connection.x.hosts[0]: 'https://a.example' is no host in lower case, such as accounts.example.com"
            ),
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

    @Test("endpoints are missing, and there is no issuer to ask for them")
    func missing() throws {
        let reason = "is missing, and there is no 'issuer' to ask"
        #expect(
            try problems("  title: x\n") == [
                "providers.d/p.yaml:1:1: p.authorization: 'authorization' \(reason)",
                "providers.d/p.yaml:1:1: p.token: 'token' \(reason)",
            ])
        #expect(
            try problems("  authorization: {}\n  token: {}\n") == [
                "providers.d/p.yaml:2:3: p.authorization.endpoint: 'endpoint' \(reason)",
                "providers.d/p.yaml:3:3: p.token.endpoint: 'endpoint' \(reason)",
            ])
        #expect(
            try problems("  authorization: {endpoint: []}\n  token: {endpoint: [\"https://a.example/t\", x]}\n") == [
                "providers.d/p.yaml:2:19: p.authorization.endpoint: names no endpoint",
                "providers.d/p.yaml:3:45: p.token.endpoint[1]: is not absolute",
            ])
        #expect(try problems("  issuer: https://auth.example.com\n") == [])
        #expect(
            try problems("  refresh: {how: reacquire}\n") == ["providers.d/p.yaml:1:1: p.token: 'token' \(reason)"])
        #expect(try problems("  refresh: {how: reacquire, endpoint: \"https://a.example/t\"}\n") == [])
    }

    @Test(
        "a parameter is set twice where the request it takes its habits from has it too",
        arguments: [
            // A refresh is like the upgrade where there is one, but for the names; that is like the exchange.
            (
                "client_secret_basic", "client_authentication: client_secret_post", "",
                "refresh: {parameters: {client_id: x}}", "refresh"
            ),
            (
                "client_secret_post", "client_authentication: client_secret_basic", "",
                "refresh: {parameters: {client_id: x}}", nil
            ),
            ("client_secret_basic", "", "", "refresh: {parameters: {client_id: x}}", nil),
            ("client_secret_post", "", "", "refresh: {parameters: {client_id: x}}", "refresh"),
            ("client_secret_post", "", "client_id: app", "refresh: {parameters: {client_id: x}}", "refresh"),
            ("client_secret_post", "", "client_id: app", "refresh: {parameters: {app: x}}", nil),
            ("client_secret_basic", "parameters: {client_id: x}", "", "", nil),
            ("client_secret_post", "parameters: {client_id: x}", "", "", "upgrade"),
        ] as [(String, String, String, String, String?)])
    func formerRequest(authentication: String, upgrade: String, rename: String, refresh: String, section: String?)
        throws
    {
        let told = try problems(
            """
              authorization: {endpoint: "https://a.example/a"}
              token: {endpoint: "https://a.example/t", client_authentication: \(authentication), rename: {\(rename)}}
              upgrade: {endpoint: "https://a.example/u"\(upgrade.isEmpty ? "" : ", ")\(upgrade)}
              \(refresh)

            """)
        #expect(
            told.map { String($0.drop { $0 != " " }) }
                == (section.map { [" p.\($0).parameters.client_id: 'client_id' is set by the daemon"] } ?? []))
    }

    @Test("a refresh takes the names of the exchange over where there is no upgrade")
    func renamedByExchange() throws {
        func told(_ parameter: String) throws -> [String] {
            try problems(
                """
                  authorization: {endpoint: "https://a.example/a"}
                  token: {endpoint: "https://a.example/t", rename: {client_id: app}}
                  refresh: {parameters: {\(parameter): x}}

                """)
        }
        #expect(try told("client_id") == [])
        #expect(try told("app") == ["providers.d/p.yaml:4:26: p.refresh.parameters.app: 'app' is set by the daemon"])
    }

    @Test("a provider without users has nothing to authorize")
    func nothingToAuthorize() throws {
        #expect(
            try problems(
                """
                  refresh: {how: reacquire}
                  token: {endpoint: "https://a.example/t"}
                  authorization: {endpoint: "https://a.example/a"}

                """) == [
                    "providers.d/p.yaml:4:3: p.authorization: with 'how: reacquire' there is no user, and nothing to "
                        + "authorize"
                ])
    }

    @Test(
        "a URL that can be none is told without any tool",
        arguments: [
            ("\"https://a.example/#x\"", "has a fragment"), ("\"https://a@b.example/\"", "has user information"),
            ("a.example/t", "is not absolute"), ("ftp://a.example/t", "is neither https nor http"),
            (
                "\"https://a.example/a b\"",
                "has spaces, control characters or characters beyond ASCII; percent-encode them"
            ),
            ("https://a.example:99999/", "has a port that is none of 1–65535"), ("\"\"", "is empty"),
            ("\"https://a.example:99999/${connection.y}\"", "has a port that is none of 1–65535"),
            ("\"ftp://${connection.x}.a.example/${connection.y}\"", "is neither https nor http"),
            ("\"https://a.example/${connection.y}#x\"", "has a fragment"),
            (
                "\"${connection.y}/t\"",
                "'${connection.y}' stands in the host, so its connection entry needs a 'pattern' or 'hosts'"
            ),
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
            (
                "\"https://a.example/${metadata.z}\"",
                "'${metadata.z}' names nothing that exists (did you mean 'metadata.x'?)"
            ),
            (
                "\"https://a.example/${metadata.late}\"",
                "'${metadata.late}' has no value yet when this request is made"
            ),
            (
                "\"https://${metadata.x}/t\"",
                "'${metadata.x}' stands in the host, so there must be a connection entry 'x' with 'hosts'"
            ),
        ])
    func endpoints(url: String, problem: String) throws {
        let told = try problems(
            """
              connection: {x: {pattern: ".*"}, y: {}}
              authorization: {endpoint: "https://a.example/a", callback: {metadata: [x]}}
              token:
                endpoint: \(url)
              refresh: {response: {metadata: [late]}}

            """)
        #expect(told == ["providers.d/p.yaml:5:15: p.token.endpoint: \(problem)"])
    }
}
