import FuzzSupport
import OAuth
import ToolAuthCore

// Redirects back to the daemon: what follows `/callback?`, as the browser brings it; the first byte chooses what was asked for.
@testable import APIServer

// swift-format-ignore: NeverForceUnwrap
let key = ToolAuthKey(ToolID("gmail")!, UserID("alice")!)
let now = Timestamp(millisecondsSinceEpoch: 1_767_225_600_000)
let address = "https://app.example.com/v1/tool/auth"

/// Two parsers read callbacks, that of the API and that of the library for tools of one's own.
func checkAgreement(
    _ read: Result<Callback, ToolAuthError>, _ parsed: Result<Callback, ToolAuthError>, _ url: String
) {
    switch (read, parsed) {
    case (.failure, .failure): break
    case (.success(let first), .success(let second)):
        expect(
            first.state == second.state && first.code == second.code && first.issuer == second.issuer
                && first.error == second.error && first.errorDescription == second.errorDescription
                && first.parameters == second.parameters,
            "read in two ways: \(url.debugDescription)")
        checkEncoding(first)
    default: expect(false, "only one of two parsers reads \(url.debugDescription)")
    }
}

/// What is read and written again reads alike.
func checkEncoding(_ callback: Callback) {
    var pairs = callback.parameters.map { (name: $0.key, value: $0.value) }
    pairs.append((name: "state", value: callback.state.reveal()))
    if let code = callback.code { pairs.append((name: "code", value: code.reveal())) }
    if let issuer = callback.issuer { pairs.append((name: "iss", value: issuer)) }
    if let error = callback.error { pairs.append((name: "error", value: error)) }
    if let description = callback.errorDescription { pairs.append((name: "error_description", value: description)) }
    guard let url = URLQuery.append(pairs, to: address), let again = try? Callback(url: url) else {
        fatalError("a callback cannot be written again")
    }
    expect(
        again.state == callback.state && again.code == callback.code && again.issuer == callback.issuer
            && again.error == callback.error && again.errorDescription == callback.errorDescription
            && again.parameters == callback.parameters, "written again, it reads otherwise: \(url)")
}

/// The page for the browser has the markup of its own literals, whatever the error says.
func checkPage(_ error: ToolAuthError) {
    let page = CallbackPage(error)
    let html = page.html
    var plain = page
    plain.explanation = "x"
    plain.nextStep = "x"
    plain.facts = page.facts.map { fact in
        var fact = fact
        fact.value = "x"
        return fact
    }
    let markup = Set("<>\"'".utf8)
    expect(
        html.utf8.count(where: markup.contains) == plain.html.utf8.count(where: markup.contains),
        "text of others is markup: \(html)")
}

/// The browser of a failed flow goes where it was to go, and nowhere else.
func checkRedirect(_ error: ToolAuthError) {
    let target = "https://app.example.com/tools?tab=2"
    let url = FrontendRedirect.url(target, toolID: key.toolID, result: .failed, error: error.provider?.code)
    expect(url?.hasPrefix("\(target)&tool_id=gmail&result=failed") ?? false, "a redirect elsewhere: \(url ?? "none")")
    let names = url.flatMap { try? EndpointURL($0) }?.queryNames
    expect(names?.count == (error.provider == nil ? 3 : 4), "parameters that nobody added: \(url ?? "none")")
}

fuzz { input in
    var input = input
    let (issuer, requiresIssuer) = input.choice(of: [
        (nil, false), (nil, true), ("https://issuer.example", false), ("https://issuer.example", true),
    ])
    let codeParameter = input.choice(of: ["code", "auth_code"])
    let url = "\(address)?\(input.text)"
    let read = Result { () throws(ToolAuthError) in try Callback(url: url) }
    let parsed = Result { () throws(ToolAuthError) in try CallbackParser.parse(url: url) }
    checkAgreement(read, parsed, url)

    switch read {
    case .failure(let error):
        expect(error.code == .invalidCallback || error.code == .invalidRequest, "a callback fails as \(error.code)")
        checkPage(error)
    case .success(let callback):
        expect(!callback.state.isEmpty, "a callback without state")
        let pending = PendingAuthorization(
            id: "flow", key: key, state: callback.state, codeVerifier: Secret("verifier"), nonce: nil, authURL: "",
            redirectURI: address, frontendRedirect: nil, scope: "mail.read", issuer: issuer,
            requiresIssuer: requiresIssuer, clientID: "client", connection: [:], createdAt: now,
            expiresAt: now + .seconds(600))
        do throws(ToolAuthError) {
            let code = try CallbackCheck.code(of: callback, pending: pending, codeParameter: codeParameter)
            expect(!code.isEmpty, "a code that is empty")
            expect(callback.error == nil, "a code beside an error")
            expect(!requiresIssuer || callback.issuer != nil, "a code without the issuer that must be there")
            expect(issuer == nil || callback.issuer == nil || callback.issuer == issuer, "a code of another server")
        } catch {
            let said = [callback.error, callback.errorDescription].compactMap { $0 }
            if !said.contains(where: Canary.isIn) {
                expect(!Canary.isIn(error.detail), "an error shows code, state or issuer: \(error.detail)")
            }
            checkPage(error)
            checkRedirect(error)
        }
    }
}
