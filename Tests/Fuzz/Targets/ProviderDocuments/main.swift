// A file of provider documents, with tools that use `example` as it is, extended, and with a value for each of its places.
import ConfigurationFiles
import FuzzSupport
import OAuth
import Providers
import RequestChecks
import ToolAuthCore

let files = ConfigurationFiles()
files.write("toolauthd.yaml", "allow_inline_secrets: true\n".utf8)
files.write(
    "tools.d/input.yaml",
    """
    plain:
      provider: example
      client_id: client
      client_secret: \(Canary.text)
      redirect_uris: ["https://app.example.com/callback"]
    extended:
      provider: {extends: example, title: Mine}
      client_id: client
      redirect_uris: ["http://127.0.0.1:8790/callback"]
    filled:
      provider: example
      client_id: client
      client_secret: {credential: example}
      connection: {tenant: acme, region: eu}
      redirect_uris: ["https://app.example.com/callback"]

    """.utf8)
let now = Timestamp(millisecondsSinceEpoch: 1_767_225_600_000)
// swift-format-ignore: NeverForceUnwrap
let alice = UserID("alice")!

/// Where a request can be made of what was accepted, it goes to a host that the rules allow, and with TLS.
func use(_ configuration: OAuth2Configuration) {
    let context = RequestContext(now: now, uuid: "00000000-0000-4000-8000-000000000000")
    let pending = try? AuthorizationRequest.build(
        configuration, userID: alice, options: AuthURLOptions(), now: now, random: FixedRandom())
    if let pending {
        checkAddress(pending.authURL)
        expect(!Canary.isIn(pending.authURL), "the client secret goes through the browser: \(pending.authURL)")
        let request = try? TokenRequest.exchange(
            code: Secret("code"), pending: pending, configuration, clientSecret: configuration.clientSecrets.first,
            context)
        if let request { checkAddress(request.http.url) }
    }
    let record = ToolAuthRecord(
        key: ToolAuthKey(configuration.toolID, alice), tokenType: "Bearer", scope: "mail", obtainedAt: now,
        expiresAt: nil,
        hasAccessToken: true, hasRefreshToken: true, clientID: "client", tokenOrigin: "https://auth.example.com:443",
        createdAt: now)
    let grant = ToolAuth(record: record, accessToken: Secret("access"), refreshToken: Secret("refresh"))
    let request = try? TokenRequest.refresh(
        grant, configuration, clientSecret: configuration.clientSecrets.first, context)
    if let request { checkAddress(request.http.url) }
}

fuzz { input in
    files.write("providers.d/input.yaml", input.rest)
    guard let loaded = files.load(mayShow: Canary.isIn(input.text)) else { return }
    for tool in loaded.tools { use(tool.oauth2) }
}
