// Replies of token and revocation endpoints: `status format\nheader\nbody`, the first two a letter each.
import FuzzSupport
import OAuth
import ToolAuthCore

let now = Timestamp(millisecondsSinceEpoch: 1_767_225_600_000)
let sent = [Secret(Canary.text), Secret(Canary.odd)]

/// What is told of a failure is one plain line without what was sent.
func check(_ failure: AttemptFailure, _ format: String) {
    for text in [failure.code, failure.detail] {
        expect(!text.isEmpty, "a failure says nothing (\(format))")
        expect(!Canary.isIn(text), "a failure shows what was sent: \(text)")
        expect(
            text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
            "a failure has control characters: \(text.debugDescription)")
        expect(text.unicodeScalars.count <= 1000, "a failure of \(text.unicodeScalars.count) characters")
    }
}

/// What is kept can be put into a header, and no token is among what is shown.
func check(_ grant: TokenGrant) {
    let token = grant.accessToken.reveal()
    expect(!token.isEmpty && token.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "an access token that is none")
    let secrets = [grant.accessToken, grant.refreshToken].compactMap { $0 }
    expect(!grant.metadata.values.contains { secrets.contains(Secret($0)) }, "a token is metadata")
}

var formats: [(name: String, format: TokenResponseFormat)] {
    var slack = TokenResponseFormat()
    slack.at = ["authed_user", ""]
    slack.failedWhen = .init(path: "ok", equals: "false")
    slack.metadata = ["team.id", "team.name", "access_token", "authed_user.refresh_token"]
    slack.grantRejected = ["token_revoked"]
    slack.encoding = .auto
    var form = TokenResponseFormat()
    form.encoding = .form
    form.expiry = .init(from: "expires_at", form: .iso8601)
    form.scopeSeparator = ","
    form.success = [200, 201]
    var epoch = TokenResponseFormat()
    epoch.expiry = .init(from: "data.0.end", form: .epochMilliseconds)
    epoch.refreshExpiry = .init(from: "refresh_end", form: .epoch)
    epoch.error = ["errors.0.code", "error.type", "error"]
    epoch.transientStatuses = [403]
    epoch.metadata = ["instance_url", "data.0"]
    var milliseconds = TokenResponseFormat()
    milliseconds.expiry = .init(from: "expires", form: .milliseconds)
    return [
        ("plain", TokenResponseFormat()), ("slack", slack), ("form", form), ("epoch", epoch),
        ("milliseconds", milliseconds),
    ]
}

fuzz { input in
    var input = input
    let status = input.choice(of: [200, 201, 204, 302, 400, 401, 403, 404, 408, 429, 500, 503, 100, 999])
    let (name, format) = input.choice(of: formats)
    let header = input.line()
    let reply = HTTPReply(
        status: status, headers: [("Date", header), ("Retry-After", header)], body: Secret(input.rest))

    var policy = RefreshPolicy()
    policy.assumedLifetime = .seconds(3600)
    let context = TokenReply.Context(sentAt: now, policy: policy, keepsRefreshToken: status == 200)
    let outcome = RefreshClassification.outcome(of: .success(reply), format, context, secrets: sent, now: now)
    if let failure = outcome.failure { check(failure, name) }
    if case .refreshed(let grant) = outcome { check(grant) }

    do throws(ToolAuthError) {
        let success = try ExchangeClassification.success(
            of: .success(reply), format, context, secrets: sent, now: now)
        check(success.grant)
        guard let idToken = success.idToken else { return }
        do throws(ToolAuthError) {
            try IDToken.check(idToken, nonce: sent[0], issuer: "https://issuer.example", clientID: "client", now: now)
        } catch {
            expect(!Canary.isIn(error.detail), "an error about an ID token shows the nonce: \(error.detail)")
        }
    } catch {
        expect(!Canary.isIn(error.detail), "an exchange's error shows what was sent: \(error.detail)")
        if let failure = error.provider { check(failure, name) }
    }

    switch RevocationClassification.outcome(of: .success(reply), format, secrets: sent, now: now) {
    case .done, .unsupportedKind: break
    case .clientRejected(let failure), .failed(let failure): check(failure, name)
    }
}
