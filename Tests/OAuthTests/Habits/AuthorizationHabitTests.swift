import OAuth
import Testing
import ToolAuthCore

@Suite("Scopes that a provider always needs")
struct AlwaysScopeTests {
    private func scope(_ scopes: [String], always: [String], asked: [String]? = nil) async throws -> String? {
        let endpoint = AuthorizationEndpoint(url: "https://auth.example.com/authorize", alwaysScopes: always)
        let configuration = Fixture.configuration(authorization: endpoint, scopes: scopes)
        let pending = try await authentication(RoutingTransport(), configuration).getAuthURL(
            for: Fixture.alice, options: AuthURLOptions(scopes: asked))
        #expect(pending.authURL.parameter("scope") ?? "" == pending.scope)
        return pending.authURL.parameter("scope")
    }

    @Test("are asked for behind the tool's own or its caller's, each once")
    func always() async throws {
        #expect(try await scope(["a", "b"], always: ["offline"]) == "a b offline")
        #expect(try await scope(["offline", "a"], always: ["offline"]) == "offline a")
        #expect(try await scope(["a", "b"], always: ["offline"], asked: ["b"]) == "b offline")
        #expect(try await scope(["a"], always: ["offline"], asked: ["offline"]) == "offline")
        #expect(try await scope([], always: ["offline"]) == "offline")
        #expect(try await scope([], always: []) == nil)
    }

    @Test("do not open scopes that are not the tool's")
    func foreign() async {
        let error = await failure { try await scope(["a"], always: ["offline"], asked: ["b"]) }
        #expect(error?.field == "scopes")
    }
}

@Suite("A nonce")
struct NonceHabitTests {
    private func pending(_ rename: [String: String?], scopes: [String] = ["openid"]) async throws
        -> PendingAuthorization
    {
        let endpoint = AuthorizationEndpoint(url: "https://auth.example.com/authorize", rename: rename)
        return try await authentication(
            RoutingTransport(), Fixture.configuration(authorization: endpoint, scopes: scopes)
        ).getAuthURL(for: Fixture.alice, options: AuthURLOptions())
    }

    @Test("goes with openid, under the name the server has for it")
    func sent() async throws {
        let plain = try await pending([:])
        #expect(plain.nonce != nil)
        #expect(plain.authURL.parameter("nonce") == plain.nonce?.reveal())
        let renamed = try await pending(["nonce": "n"])
        #expect(renamed.authURL.parameter("n") == renamed.nonce?.reveal())
        #expect(try await pending([:], scopes: ["mail"]).nonce == nil)
    }

    @Test("that the document leaves out is neither sent nor asked back")
    func leftOut() async throws {
        let pending = try await pending(["nonce": nil])
        #expect(pending.nonce == nil)
        #expect(pending.authURL.parameter("nonce") == nil)
        let idToken = Fixture.jwt(#"{"aud":"another"}"#)
        let transport = StubTransport(Fixture.success(200, #"{"access_token":"a","id_token":"\#(idToken)"}"#))
        let grant = try await authentication(transport, Fixture.configuration()).retrieveAuthToken(
            from: Fixture.callback(), pending: pending)
        #expect(grant.accessToken == Secret("a"))
    }

    @Test("that was sent is asked back")
    func askedBack() async throws {
        let pending = try await pending([:])
        let idToken = Fixture.jwt(#"{"aud":"client-1","nonce":"another"}"#)
        let transport = StubTransport(Fixture.success(200, #"{"access_token":"a","id_token":"\#(idToken)"}"#))
        let error = await failure {
            try await authentication(transport, Fixture.configuration()).retrieveAuthToken(
                from: Fixture.callback(), pending: pending)
        }
        #expect(error?.code == .invalidCallback)
    }
}
