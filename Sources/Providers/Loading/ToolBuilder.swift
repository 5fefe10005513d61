import OAuth
import ToolAuthCore

/// Joins a tool document with its provider document into the configuration of one client.
struct ToolBuilder: Sendable {
    let daemon: DaemonConfiguration
    let catalogue: ProviderCatalogue
    let secrets: SecretResolver

    /// - Returns: nil if the two do not make a usable tool; `log` tells why.
    func build(_ tool: ToolDocument, _ log: inout ProblemLog) -> ConfiguredTool? {
        guard let provider = provider(of: tool, &log) else { return nil }
        var own = ProblemLog()
        defer { log.add(own.problems) }
        let connection = connection(tool, provider, &own)
        let secrets = tool.clientSecrets.compactMap { self.secrets.secret($0, &own) }
        if let key = tool.clientSecretKey, !provider.takesSecret {
            own.error(at: key, "provider '\(provider.name)' takes no secret (client_authentication: none)")
        }
        let policy = policy(tool, provider, &own)
        checkWay(tool, provider, policy, &own)
        var caFile = daemon.caFile
        if let file = tool.caFile { caFile = CAFile.check(file, in: self.secrets.directory, &own) }
        guard !own.hasErrors else { return nil }
        let filling = EndpointFilling(
            tool: tool, provider: provider, connection: connection,
            addresses: AddressRules(
                allowsLoopback: tool.allowsHTTPLoopback, allowsPrivate: tool.allowsPrivateAddresses))
        let authorization = provider.authorization.map { filling.at($0, \.url, "authorization", &own) }
        let token = filling.at(provider.token, \.url, "token", &own)
        let upgrade = provider.upgrade.map { filling.at($0, \.url, "upgrade", &own) }
        let refresh = filling.at(provider.refresh, \.url, "refresh", &own)
        let revocation = provider.revocation.map { filling.at($0, \.url, "revocation", &own) }
        let issuer = filling.issuer(&own)
        checkOrigin(tool, provider, upgrade ?? token, refresh, policy, &own)
        guard !own.hasErrors else { return nil }
        let configuration = OAuth2Configuration(
            toolID: tool.id, clientID: tool.clientID, clientSecrets: secrets, scopes: tool.scopes,
            optionalScopes: tool.optionalScopes, redirectURIs: tool.redirectURIs,
            frontendRedirects: tool.frontendRedirects, extraParameters: tool.extraParameters, issuer: issuer,
            stateLifetime: daemon.stateLifetime,
            authorization: authorization ?? AuthorizationEndpoint(url: .discovered), token: token, upgrade: upgrade,
            refresh: refresh, refreshPolicy: policy, revocation: revocation,
            transport: TransportOptions(
                caFile: caFile, proxy: tool.proxy ?? daemon.proxy, allowsHTTPLoopback: tool.allowsHTTPLoopback),
            addresses: filling.addresses, connectionParameters: provider.connection, connection: connection)
        checkConnection(tool, provider, configuration, &own)
        guard !own.hasErrors else { return nil }
        let endpoint = refresh.url.text ?? issuer?.text ?? ""
        return ConfiguredTool(
            id: tool.id, title: tool.title, provider: provider.name, oauth2: configuration,
            endpoint: EndpointID(tokenEndpoint: endpoint, clientID: tool.clientID),
            tokenOrigin: configuration.tokenOrigin)
    }

    /// Whether tool and provider agree on whether there is a user.
    private func checkWay(
        _ tool: ToolDocument, _ provider: ProviderDocument, _ policy: RefreshPolicy, _ log: inout ProblemLog
    ) {
        guard !policy.needsNoUser, provider.authorization == nil else { return }
        let place = tool.policy.places["how"]
        log.error(
            at: place?.position ?? tool.position, key: place?.key ?? "\(tool.id).refresh.how",
            "provider '\(provider.name)' has no authorization: it goes with 'how: reacquire' only")
    }

    /// Tokens are only sent back to where they came from.
    private func checkOrigin(
        _ tool: ToolDocument, _ provider: ProviderDocument, _ source: TokenEndpoint, _ refresh: TokenEndpoint,
        _ policy: RefreshPolicy, _ log: inout ProblemLog
    ) {
        guard !policy.needsNoUser, let from = source.url.origin, let to = refresh.url.origin, from != to,
            let place = provider.endpointPlaces["refresh"]
        else { return }
        log.error(
            at: place, "is at \(to), and tokens are only sent back to where they came from, \(from)")
    }

    private func provider(of tool: ToolDocument, _ log: inout ProblemLog) -> ProviderDocument? {
        switch tool.provider {
        case .inline(let document):
            return document
        case .named(let name):
            switch catalogue.entries[name.value] {
            case .usable(let document):
                return document
            case .broken(let problems):
                let cause = problems.first { $0.severity == .error }?.description ?? "it cannot be read"
                log.error(at: name, "provider '\(name.value)' cannot be used: \(cause)")
            case nil:
                let hint = SchemaCheck.suggestion(name.value, among: Array(catalogue.entries.keys))
                log.error(at: name, "unknown provider '\(name.value)'\(hint)")
            }
            return nil
        }
    }

    private func connection(
        _ tool: ToolDocument, _ provider: ProviderDocument, _ log: inout ProblemLog
    ) -> [String: String] {
        var values: [String: String] = [:]
        for given in tool.connection {
            let (name, value) = given.value
            guard let parameter = provider.connection.first(where: { bytesEqual($0.name, name) }) else {
                let hint = SchemaCheck.suggestion(name, among: provider.connection.map(\.name))
                log.error(at: given, "provider '\(provider.name)' knows no connection value '\(name)'\(hint)")
                continue
            }
            if let problem = parameter.problem(with: value) { log.error(at: given, problem) }
            values[name] = value
        }
        for parameter in provider.connection where values[parameter.name] == nil {
            // What callers may give, or has a default, is left open.
            if parameter.isOpenToCallers || parameter.defaultValue != nil { continue }
            if !tool.connection.contains(where: { $0.value.name == parameter.name }) {
                missing(parameter, tool, provider, &log)
            }
        }
        return values
    }

    /// Where there is no user, there is no caller who could give later what the tool leaves open.
    private func checkConnection(
        _ tool: ToolDocument, _ provider: ProviderDocument, _ configuration: OAuth2Configuration,
        _ log: inout ProblemLog
    ) {
        guard configuration.refreshPolicy.needsNoUser else { return }
        let values = configuration.connection(given: [:])
        for parameter in configuration.neededConnection where values[parameter.name] == nil {
            missing(parameter, tool, provider, &log)
        }
    }

    private func missing(
        _ parameter: ConnectionParameter, _ tool: ToolDocument, _ provider: ProviderDocument, _ log: inout ProblemLog
    ) {
        let meaning = parameter.description.map { " (\($0))" } ?? ""
        log.error(
            at: tool.position, key: "\(tool.id).connection.\(parameter.name)",
            "provider '\(provider.name)' needs a value for '\(parameter.name)'\(meaning)")
    }

    /// The tool's wishes over the provider's habits over `toolauthd.yaml` over what is built in.
    private func policy(_ tool: ToolDocument, _ provider: ProviderDocument, _ log: inout ProblemLog) -> RefreshPolicy {
        let policy = RefreshPolicy(layers: [PolicyDocument(daemon.refresh), provider.policy, tool.policy])
        for contradiction in policy.contradictions {
            let place = tool.policy.places[contradiction.key] ?? provider.policy.places[contradiction.key]
            log.error(
                at: place?.position ?? tool.position, key: place?.key ?? "\(tool.id).refresh.\(contradiction.key)",
                "\(contradiction.message), taking provider document and toolauthd.yaml together")
        }
        for finding in policy.warnings(about: tool.policy) {
            guard let place = tool.policy.places[finding.key] else { continue }
            log.warning(at: place.position, key: place.key, finding.message)
        }
        return policy
    }
}
