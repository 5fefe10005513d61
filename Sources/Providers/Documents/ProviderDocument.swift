import OAuth
import ToolAuthCore

/// An authorization server and its habits, as a provider document tells them. The URLs in the parts are templates
/// still; a tool's connection values make endpoints of them.
struct ProviderDocument: Sendable {
    var name: String
    var title: String
    /// Where the provider documents what the file says.
    var documentation: String?
    var issuer: String?
    /// In the order written.
    var connection: [ConnectionParameter] = []
    var authorization: AuthorizationEndpoint
    var authorizationURL: EndpointTemplate
    var token: TokenEndpoint
    var tokenURL: EndpointTemplate
    var refresh: TokenEndpoint
    var refreshURL: EndpointTemplate
    var policy = PolicyDocument()
    var revocation: RevocationEndpoint?
    var revocationURL: EndpointTemplate?
    /// Where its name stands.
    var position: SourcePosition
}

extension ProviderDocument {
    /// Reads a document.
    ///
    /// - Returns: nil if anything is wrong with it; `log` tells what.
    static func read(
        name: String, _ value: YAMLValue, named position: SourcePosition, key: String, _ log: inout ProblemLog
    ) -> ProviderDocument? {
        var own = ProblemLog()
        defer { log.add(own.problems) }
        SchemaCheck.map(value, ProviderSchema.document, named: position, key: key, &own)
        let section = Section(value: value, position: position, key: key)
        let connection = (section.entries("connection") ?? []).map { entry in
            let path = SchemaCheck.join(section.path("connection"), entry.key)
            return ConnectionParameter(
                name: entry.key, Section(value: entry.value, position: entry.keyPosition, key: path), &own)
        }
        let issuer = section.located("issuer")
        if let issuer { checkIssuer(issuer, &own) }
        guard let consent = section.section("authorization"), let exchange = section.section("token") else {
            missingSections(section, issuer: issuer, &own)
            return nil
        }
        let renewal = section.section("refresh")
        let check = TemplateCheck(connection: connection, metadata: metadata(consent, exchange, renewal))
        check.parameters(of: consent, &own)
        check.parameters(of: exchange, &own)
        if let renewal { check.parameters(of: renewal, isRefresh: true, &own) }
        RequestRules.check(consent, isAuthorization: true, &own)
        for part in [exchange, renewal].compactMap({ $0 }) { RequestRules.check(part, &own) }

        let authorizationURL = EndpointTemplate(consent, check, &own)
        let tokenURL = EndpointTemplate(exchange, check, &own)
        let refreshURL =
            renewal?.value("endpoint") == nil ? tokenURL : EndpointTemplate(renewal ?? exchange, check, &own)
        let ending = section.section("revocation")
        let revocationURL = ending.flatMap { EndpointTemplate($0, check, &own) }
        guard !own.hasErrors, let authorizationURL, let tokenURL, let refreshURL else { return nil }

        let token = TokenEndpoint(url: tokenURL.text).taking(exchange)
        var refresh = token
        refresh.url = refreshURL.text
        // Parameters of the exchange are about the code.
        refresh.parameters = [:]
        if let renewal { refresh = refresh.taking(renewal) }
        return ProviderDocument(
            name: name, title: section.text("title") ?? name, documentation: section.text("documentation"),
            issuer: issuer?.value, connection: connection,
            authorization: AuthorizationEndpoint(url: authorizationURL.text).taking(consent),
            authorizationURL: authorizationURL, token: token, tokenURL: tokenURL, refresh: refresh,
            refreshURL: refreshURL, policy: renewal.map(PolicyDocument.init) ?? PolicyDocument(),
            revocation: ending.map { ending in
                RevocationEndpoint(
                    url: revocationURL?.text ?? "", scope: ending.choice("scope") ?? .token,
                    clientAuthentication: ending.choice("client_authentication") ?? token.clientAuthentication)
            },
            revocationURL: revocationURL, position: position)
    }

    private static func missingSections(_ section: Section, issuer: Located<String>?, _ log: inout ProblemLog) {
        for name in ["authorization", "token"] where section.value(name).map(\.isNull) ?? true {
            if let issuer {
                log.error(
                    at: issuer,
                    "discovery is not supported by this version; give the endpoints under 'authorization' and 'token'")
                return
            }
            log.error(at: section.position, key: section.path(name), "'\(name)' is missing")
        }
    }

    /// RFC 8414 §2: https, neither query nor fragment.
    private static func checkIssuer(_ issuer: Located<String>, _ log: inout ProblemLog) {
        do throws(InvalidURL) {
            let url = try EndpointURL(issuer.value)
            if url.query != nil { log.error(at: issuer, "has a query, which no issuer has") }
            if url.scheme != .https, !AddressRules.isLoopback(url.host) { log.error(at: issuer, "is not https") }
        } catch {
            log.error(at: issuer, error.detail)
        }
    }

    /// What `${metadata.x}` can name.
    private static func metadata(_ consent: Section, _ exchange: Section, _ renewal: Section?) -> [String] {
        let callback = consent.section("callback")?.texts("metadata") ?? []
        let replies = [exchange, renewal].compactMap { $0?.section("response")?.texts("metadata") }
        return callback + replies.flatMap { $0 }
    }
}
