// Metadata of authorization servers: `issuer Cache-Control\n`, the first a letter, and the document.
import FuzzSupport
import OAuth
import RequestChecks
import ToolAuthCore

let now = Timestamp(millisecondsSinceEpoch: 1_767_225_600_000)
// swift-format-ignore: NeverForceUnwrap
let (toolID, alice) = (ToolID("gmail")!, UserID("alice")!)
let clientSecret = Secret(Canary.text)

/// All requests that are made of what a server says of itself.
func use(_ server: ServerMetadata, _ issuer: String) {
    let endpoint = TokenEndpoint(url: .discovered)
    let configuration = OAuth2Configuration(
        toolID: toolID, clientID: "client", clientSecrets: [clientSecret], scopes: ["openid", "mail"],
        redirectURIs: ["https://app.example.com/callback"], issuer: EndpointTemplate(Template(literal: issuer)),
        authorization: AuthorizationEndpoint(url: .discovered), token: endpoint, refresh: endpoint)
    let context = RequestContext(server: server, now: now, uuid: "00000000-0000-4000-8000-000000000000")

    let pending = try? AuthorizationRequest.build(
        configuration, userID: alice, options: AuthURLOptions(), server: server, now: now, random: FixedRandom())
    if let pending {
        checkAddress(pending.authURL)
        expect(!Canary.isIn(pending.authURL), "the client secret goes through the browser")
        let names = (try? EndpointURL(pending.authURL))?.queryNames ?? []
        for name in ["response_type", "client_id", "redirect_uri", "state", "code_challenge", "nonce"] {
            expect(names.count { $0 == name } == 1, "'\(name)' is not there once: \(pending.authURL)")
        }
        let exchange = try? TokenRequest.exchange(
            code: Secret("code"), pending: pending, configuration, clientSecret: clientSecret, context)
        if let exchange { check(exchange) }
    }

    let record = ToolAuthRecord(
        key: ToolAuthKey(toolID, alice), tokenType: "Bearer", scope: "mail", obtainedAt: now, expiresAt: nil,
        hasAccessToken: true, hasRefreshToken: true, clientID: "client", tokenOrigin: "https://issuer.example:443",
        createdAt: now)
    let grant = ToolAuth(record: record, accessToken: Secret("access"), refreshToken: Secret("refresh"))
    let refresh = try? TokenRequest.refresh(grant, configuration, clientSecret: clientSecret, context)
    if let refresh { check(refresh) }
    let revocation = try? RevocationRequest.build(
        Secret("refresh"), .refreshToken, of: record, at: RevocationEndpoint(url: .discovered), configuration,
        clientSecret: clientSecret, context)
    if let revocation { check(revocation) }
}

func check(_ request: TokenRequest) {
    checkAddress(request.http.url)
    expect(!Canary.isIn(request.http.url), "the client secret is in a URL")
    expect((try? EndpointURL(request.http.url))?.origin == request.origin, "bound to \(request.origin)")
    for header in request.http.headers {
        let value = header.value.reveal()
        expect(value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "a header with control characters")
    }
}

fuzz { input in
    var input = input
    let issuer = input.choice(of: [
        "https://issuer.example", "https://issuer.example/tenant", "https://a.example:8443/",
    ])
    let cacheControl = input.line()
    let reply = HTTPReply(status: 200, headers: [("Cache-Control", cacheControl)], body: Secret(input.rest))
    let lifetime = Freshness.lifetime(reply)
    expect((Freshness.least...Freshness.most).contains(lifetime), "fresh for \(lifetime)")
    do throws(DiscoveryFailure) {
        let server = try ServerMetadata(JSONValue(parsing: input.rest), issuer: issuer)
        expect(server.issuer == issuer, "metadata of another issuer")
        use(server, issuer)
    } catch {
        expect(!error.detail.isEmpty, "a failure says nothing")
        expect(
            error.detail.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
            "a failure has control characters: \(error.detail.debugDescription)")
    }
}
