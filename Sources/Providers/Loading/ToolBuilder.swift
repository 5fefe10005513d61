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
        if let key = tool.clientSecretKey, provider.token.clientAuthentication == .none {
            own.error(at: key, "provider '\(provider.name)' takes no secret (client_authentication: none)")
        }
        let policy = policy(tool, provider, &own)
        var caFile = daemon.caFile
        if let file = tool.caFile { caFile = CAFile.check(file, in: self.secrets.directory, &own) }
        guard !own.hasErrors,
            let authorization = endpoint(provider.authorizationURL, connection, tool, &own),
            let token = endpoint(provider.tokenURL, connection, tool, &own),
            let refresh = endpoint(provider.refreshURL, connection, tool, &own)
        else { return nil }
        guard refresh.url.origin == token.url.origin else {
            own.error(
                at: provider.refreshURL.template,
                "is at \(refresh.url.origin), and tokens are only sent back to where they came from, \(token.url.origin)"
            )
            return nil
        }
        var revocation = provider.revocation
        if let template = provider.revocationURL {
            guard let ending = endpoint(template, connection, tool, &own) else { return nil }
            revocation?.url = ending.text
        }
        let configuration = OAuth2Configuration(
            toolID: tool.id, clientID: tool.clientID, clientSecrets: secrets, scopes: tool.scopes,
            optionalScopes: tool.optionalScopes, redirectURIs: tool.redirectURIs,
            frontendRedirects: tool.frontendRedirects, extraParameters: tool.extraParameters, issuer: provider.issuer,
            stateLifetime: daemon.stateLifetime, authorization: provider.authorization.at(authorization.text),
            token: provider.token.at(token.text), refresh: provider.refresh.at(refresh.text), refreshPolicy: policy,
            revocation: revocation,
            transport: TransportOptions(
                caFile: caFile, proxy: tool.proxy ?? daemon.proxy, allowsHTTPLoopback: tool.allowsHTTPLoopback),
            connection: connection)
        return ConfiguredTool(
            id: tool.id, title: tool.title, provider: provider.name, oauth2: configuration,
            endpoint: EndpointID(tokenEndpoint: refresh.text, clientID: tool.clientID), tokenOrigin: token.url.origin)
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
            if let value = parameter.defaultValue {
                values[parameter.name] = value
            } else if !tool.connection.contains(where: { $0.value.name == parameter.name }) {
                let meaning = parameter.description.map { " (\($0))" } ?? ""
                log.error(
                    at: tool.position, key: "\(tool.id).connection.\(parameter.name)",
                    "provider '\(provider.name)' needs a value for '\(parameter.name)'\(meaning)")
            }
        }
        return values
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

    private func endpoint(
        _ template: EndpointTemplate, _ connection: [String: String], _ tool: ToolDocument, _ log: inout ProblemLog
    ) -> (text: String, url: EndpointURL)? {
        do throws(EndpointTemplate.Unfit) {
            let endpoint = try template.expand(connection)
            let problem = AddressRules.problem(
                endpoint.url, allowsLoopback: tool.allowsHTTPLoopback, allowsPrivate: tool.allowsPrivateAddresses)
            guard let problem else { return endpoint }
            throw EndpointTemplate.Unfit(detail: problem)
        } catch {
            log.error(at: template.template, "\(error.detail) (for tool '\(tool.id)')")
            return nil
        }
    }
}

extension AuthorizationEndpoint {
    fileprivate func at(_ url: String) -> Self {
        var result = self
        result.url = url
        return result
    }
}

extension TokenEndpoint {
    fileprivate func at(_ url: String) -> Self {
        var result = self
        result.url = url
        return result
    }
}
