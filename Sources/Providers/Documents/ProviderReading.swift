import OAuth
import ToolAuthCore

extension ProviderDocument {
    /// Reads a document, what it extends already merged into it.
    ///
    /// - Returns: nil if anything is wrong with it; `log` tells what.
    static func read(
        name: String, _ value: YAMLValue, named position: SourcePosition, key: String, _ log: inout ProblemLog
    ) -> ProviderDocument? {
        var own = ProblemLog()
        defer { log.add(own.problems) }
        SchemaCheck.map(value, ProviderSchema.document, named: position, key: key, &own)
        let section = Section(value: value, position: position, key: key)
        var reading = ProviderReading(section)
        reading.read(&own)
        guard !own.hasErrors else { return nil }
        return reading.document(name: name, position: position)
    }
}

/// The parts of a provider document on their way to becoming one.
private struct ProviderReading {
    private let section: Section
    private let consent: Section?
    private let exchange: Section?
    private let longer: Section?
    private let renewal: Section?
    private let ending: Section?
    private var connection: [ConnectionParameter] = []
    private var issuer: EndpointTemplate?
    private var endpoints: [String: EndpointDocument] = [:]
    private let policy: PolicyDocument

    init(_ section: Section) {
        self.section = section
        consent = section.section("authorization")
        exchange = section.section("token")
        longer = section.section("upgrade")
        renewal = section.section("refresh")
        ending = section.section("revocation")
        policy = renewal.map(PolicyDocument.init) ?? PolicyDocument()
    }

    private var needsNoUser: Bool { policy.method == .reacquire }

    // MARK: Checking

    mutating func read(_ log: inout ProblemLog) {
        connection = (section.entries("connection") ?? []).map { entry in
            let path = SchemaCheck.join(section.path("connection"), entry.key)
            return ConnectionParameter(
                name: entry.key, Section(value: entry.value, position: entry.keyPosition, key: path), &log)
        }
        let check = TemplateCheck(connection: connection, metadata: repliedMetadata)
        if let located = section.located("issuer") { readIssuer(located, check, &log) }
        missingSections(&log)
        checkRequests(check, &log)
        readEndpoints(check, &log)
        noteHosts()
        checkMetadata(&log)
    }

    /// What a grant keeps of its own authorization stands among its metadata; no callback and no reply can pass for it.
    private func checkMetadata(_ log: inout ProblemLog) {
        let replies = [exchange, longer, renewal].map { $0?.section("response") }
        for part in ([consent?.section("callback")] + replies).compactMap(\.self) {
            guard let place = part.name("metadata") else { continue }
            for name in part.texts("metadata") ?? [] {
                if name.hasPrefix(OAuth2Configuration.connectionPrefix) {
                    log.error(at: place, "'\(name)' would hide a connection value")
                } else if bytesEqual(name, OAuth2Configuration.redirectKey) {
                    log.error(at: place, "'\(name)' would hide the redirect URI of the authorization")
                }
            }
        }
    }

    /// What the callback brings.
    private var callbackMetadata: [String] { consent?.section("callback")?.texts("metadata") ?? [] }

    /// What `${metadata.x}` can name once there is a grant.
    private var repliedMetadata: [String] {
        callbackMetadata
            + [exchange, longer, renewal].compactMap { $0?.section("response")?.texts("metadata") }.flatMap(\.self)
    }

    /// RFC 8414 §2: https, neither query nor fragment.
    private mutating func readIssuer(_ located: Located<String>, _ check: TemplateCheck, _ log: inout ProblemLog) {
        issuer = EndpointDocument.read(located, check, metadata: [], &log)
        guard let issuer else { return }
        for variable in issuer.template.variables where !variable.hasPrefix(OAuth2Configuration.connectionPrefix) {
            log.error(at: located, "'${\(variable)}' cannot be part of an issuer; only connection values can")
        }
        guard let example = issuer.example, let endpoint = try? Endpoint(example) else { return }
        if endpoint.url.query != nil { log.error(at: located, "has a query, which no issuer has") }
        if endpoint.url.scheme != .https, !AddressRules.isLoopback(endpoint.url.host) {
            log.error(at: located, "is not https")
        }
    }

    private func missingSections(_ log: inout ProblemLog) {
        if let consent, needsNoUser {
            log.error(
                at: consent.position, key: consent.key,
                "with 'how: reacquire' there is no user, and nothing to authorize")
        }
        guard section.located("issuer") == nil else { return }
        for name in ["authorization", "token"] where !(needsNoUser && name == "authorization") {
            let place = section.section(name)
            if name == "token", needsNoUser, renewal?.value("endpoint") != nil { continue }
            guard place?.value("endpoint")?.isNull ?? true else { continue }
            let key = place.map { $0.path("endpoint") } ?? section.path(name)
            let missing = place == nil ? name : "endpoint"
            log.error(
                at: place?.position ?? section.position, key: key,
                "'\(missing)' is missing, and there is no 'issuer' to ask")
        }
    }

    private func checkRequests(_ check: TemplateCheck, _ log: inout ProblemLog) {
        let (early, late) = (callbackMetadata, repliedMetadata)
        if let consent {
            check.parameters(of: consent, metadata: [], &log)
            RequestRules.check(consent, .authorization, &log)
        }
        if let exchange {
            check.parameters(of: exchange, metadata: early, &log)
            RequestRules.check(exchange, .exchange, &log)
        }
        if let longer {
            check.parameters(of: longer, metadata: late, &log)
            // Names of parameters are the request's own, authentication is inherited.
            RequestRules.check(longer, .upgrade, authenticatedAs: [exchange], &log)
        }
        if let renewal {
            check.parameters(of: renewal, metadata: late, &log)
            // What an upgrade has in names is not taken over, and what stands before it is not seen past it.
            RequestRules.check(
                renewal, .refresh, renamedAs: longer == nil ? exchange : nil, authenticatedAs: [longer, exchange], &log)
        }
    }

    private mutating func readEndpoints(_ check: TemplateCheck, _ log: inout ProblemLog) {
        let sections: [(Section?, metadata: [String])] = [
            (consent, []), (exchange, callbackMetadata), (longer, repliedMetadata), (renewal, repliedMetadata),
            (ending, repliedMetadata),
        ]
        for (part, metadata) in sections {
            guard let part else { continue }
            let name = String(part.key.dropFirst(section.key.isEmpty ? 0 : section.key.count + 1))
            endpoints[name] = EndpointDocument(part, check, metadata: metadata, &log)
        }
        if let ending, ending.value("endpoint")?.isNull ?? true, section.located("issuer") == nil {
            log.error(at: ending.position, key: ending.path("endpoint"), "'endpoint' is missing")
        }
    }

    /// Marks the connection values that alone decide which host is asked. Where the issuer's metadata says where the
    /// endpoints are, that is every value of the issuer: another tenant's may name any host.
    private mutating func noteHosts() {
        let templates = endpoints.values.flatMap(\.address.candidates) + [issuer].compactMap(\.self)
        for place in templates.flatMap(\.authorityPlaces) where !place.isBound && !place.isMetadata {
            if let parameter = place.parameter(connection) { noteHost(parameter.name) }
        }
        guard asksIssuer, let issuer else { return }
        for parameter in connection
        where issuer.template.variables.contains(OAuth2Configuration.connectionPrefix + parameter.name) {
            noteHost(parameter.name)
        }
    }

    private mutating func noteHost(_ name: String) {
        guard let index = connection.firstIndex(where: { $0.name == name }) else { return }
        connection[index].decidesHost = true
    }

    /// Whether an endpoint is known only from the issuer's metadata.
    private var asksIssuer: Bool {
        var addresses = [endpoints["token"]?.address ?? .discovered]
        if !needsNoUser { addresses.append(endpoints["authorization"]?.address ?? .discovered) }
        if ending != nil { addresses.append(endpoints["revocation"]?.address ?? .discovered) }
        return addresses.contains(where: \.isDiscovered)
    }

    // MARK: Making

    func document(name: String, position: SourcePosition) -> ProviderDocument? {
        let token = TokenEndpoint(url: endpoints["token"]?.address ?? .discovered)
        let exchanged = exchange.map { token.taking($0) } ?? token
        var document = ProviderDocument(
            name: name, title: section.text("title") ?? name, token: exchanged, refresh: exchanged, position: position)
        document.documentation = section.text("documentation")
        document.console = section.text("console")
        document.notes = section.texts("notes") ?? []
        document.exampleScopes = section.texts("example_scopes") ?? []
        document.issuer = issuer
        document.issuerPlace = section.located("issuer")
        document.connection = connection
        document.policy = policy
        document.endpointPlaces = endpoints.mapValues(\.place)
        if !needsNoUser {
            let plain = AuthorizationEndpoint(url: endpoints["authorization"]?.address ?? .discovered)
            document.authorization = consent.map { plain.taking($0) } ?? plain
        }
        document.upgrade = longer.map { exchanged.next(endpoints["upgrade"]?.address, keepingNames: false).taking($0) }
        // What the user's token is exchanged at, is refreshed there too.
        let former = document.upgrade ?? exchanged
        let next = former.next(endpoints["refresh"]?.address, keepingNames: document.upgrade == nil)
        document.refresh = renewal.map { next.taking($0) } ?? next
        document.revocation = revocation(exchanged)
        return document
    }

    private func revocation(_ token: TokenEndpoint) -> RevocationEndpoint? {
        let url = endpoints["revocation"]?.address ?? .discovered
        guard let ending else {
            // Where all else is asked of the issuer, so is this; a document without it says so with `revocation: null`.
            let asks = token.url.isDiscovered && section.value("revocation") == nil
            return asks ? RevocationEndpoint(url: .discovered) : nil
        }
        return RevocationEndpoint(
            url: url, scope: ending.choice("scope") ?? .token, first: ending.choice("token") ?? .refreshToken,
            body: ending.choice("body") ?? .form,
            clientAuthentication: ending.choice("client_authentication") ?? token.clientAuthentication)
    }
}

extension TokenEndpoint {
    /// The habits of this request as another takes them over: parameters and grant type are of the former alone.
    fileprivate func next(_ url: EndpointAddress?, keepingNames: Bool) -> Self {
        var result = self
        result.url = url ?? self.url
        result.parameters = [:]
        result.grantType = nil
        if !keepingNames { result.rename = [:] }
        return result
    }
}
