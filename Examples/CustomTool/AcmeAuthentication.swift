import Crypto
import ToolAuthCore
import ToolAuthDaemon

// 1. Create an authentication class.
//
// Acme wants two things that no document can say: every request to its token endpoints is signed, and a code brings only
// a session, which is exchanged for tokens in a second step.

// 2. Inheritance: what the class is to the daemon, and what it takes over from the provider's document.
struct AcmeAuthentication: ToolAuthentication {
    private let context: ToolContext
    /// The flow as providers.d/acme.yaml describes it, each request of it signed.
    private let documented: any ToolAuthentication

    init(_ context: ToolContext) {
        self.context = context
        let signer = AcmeSigner(key: context.clientSecrets.first ?? Secret(""))
        documented = context.documented { request in signer.sign(&request) }
    }

    var toolID: ToolID { context.toolID }

    // 3. Required methods.

    // a. get_auth_url: the document says all of it.
    func getAuthURL(for userID: UserID, options: AuthURLOptions) async throws -> PendingAuthorization {
        try await documented.getAuthURL(for: userID, options: options)
    }

    // b. try_refresh_token: the document says it, and the request is signed.
    func tryRefreshToken(_ toolAuth: ToolAuth) async -> RefreshOutcome {
        await documented.tryRefreshToken(toolAuth)
    }

    // c. retrieve_auth_token: the document's exchange brings the session. State, PKCE and storing are the daemon's.
    func retrieveAuthToken(from callback: Callback, pending: PendingAuthorization) async throws -> TokenGrant {
        let session = try await documented.retrieveAuthToken(from: callback, pending: pending)
        var request = try context.formRequest(
            to: "\(context.connection["api"] ?? "")/sessions/tokens", [("session", session.accessToken)])
        AcmeSigner(key: context.clientSecrets.first ?? Secret("")).sign(&request)
        let sentAt = context.now
        return try context.grant(
            from: await context.send(request), sentAt: sentAt, withholding: [session.accessToken])
    }

    func revoke(_ toolAuth: ToolAuth) async throws {
        try await documented.revoke(toolAuth)
    }
}

/// Signs a request with the client's secret: `X-Acme-Signature` is the HMAC-SHA256 of its body, in hexadecimal.
private struct AcmeSigner: Sendable {
    let key: Secret

    func sign(_ request: inout HTTPRequest) {
        let key = key.withUnsafeBytes { SymmetricKey(data: $0) }
        var code = HMAC<SHA256>(key: key)
        request.body?.withUnsafeBytes { code.update(data: $0) }
        let digits = code.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        request.headers.append(HTTPRequest.Header("X-Acme-Signature", digits.joined()))
    }
}
