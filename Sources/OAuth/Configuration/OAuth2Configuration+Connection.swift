import ToolAuthCore

extension OAuth2Configuration {
    /// What names metadata in templates begins with this.
    package static let metadataPrefix = "metadata."

    /// What names connection values in templates begins with this; metadata of a record under this prefix holds the connection values that its caller gave.
    package static let connectionPrefix = "connection."

    /// Metadata under this name is the redirect URI of a grant whose refresh has to name it.
    package static let redirectKey = "redirect_uri"

    var refreshNamesRedirect: Bool {
        refresh.parameters.values.contains { $0.variables.contains("redirect_uri") }
    }

    /// That of the authorization; the tool's first where the grant was not authorized here.
    func redirectURI(_ record: ToolAuthRecord) -> String {
        record.metadata[Self.redirectKey] ?? redirectURIs.first ?? ""
    }

    /// The values that templates see: the tool's own, those that a caller gave where the tool leaves them open, and the
    /// document's defaults.
    package func connection(given: [String: String]) -> [String: String] {
        var values: [String: String] = [:]
        for parameter in connectionParameters {
            values[parameter.name] =
                connection[parameter.name]
                ?? (parameter.isOpenToCallers ? given[parameter.name] : nil) ?? parameter.defaultValue
        }
        return values
    }

    /// What a caller gave when the record's user consented.
    func givenConnection(_ record: ToolAuthRecord) -> [String: String] {
        var given: [String: String] = [:]
        for parameter in connectionParameters {
            given[parameter.name] = record.metadata[Self.connectionPrefix + parameter.name]
        }
        return given
    }

    /// The values without which one of the requests of a grant's life cannot be made: the consent, the exchange, refreshes,
    /// the revocation.
    package var neededConnection: [ConnectionParameter] {
        var requests = refreshPolicy.method == .none ? [] : [refresh]
        if !refreshPolicy.needsNoUser { requests += [token, upgrade].compactMap(\.self) }
        var addresses = requests.map(\.url) + [revocation?.url].compactMap(\.self)
        var templates = requests.flatMap(\.parameters.values) + [issuer?.template].compactMap(\.self)
        if !refreshPolicy.needsNoUser {
            addresses.append(authorization.url)
            templates += authorization.parameters.values
        }
        templates += addresses.compactMap(\.candidates.last?.template)
        let names = Set(templates.flatMap(\.variables))
        return connectionParameters.filter { names.contains(Self.connectionPrefix + $0.name) }
    }

    /// The endpoint for these values, if it is one that requests may go to.
    ///
    /// - Throws: ``UnfitEndpoint``.
    func endpoint(
        _ address: EndpointAddress, _ values: TemplateValues, discovered: String?
    ) throws(UnfitEndpoint) -> Endpoint {
        let endpoint = try address.resolve({ values.value(of: $0) }, connectionParameters, discovered: discovered)
        if let problem = addresses.problem(endpoint.url) { throw UnfitEndpoint(problem) }
        return endpoint
    }

    /// The issuer for the values that a caller gave; nil: none is configured.
    ///
    /// - Throws: ``UnfitEndpoint``.
    package func issuer(given: [String: String]) throws(UnfitEndpoint) -> String? {
        guard let issuer else { return nil }
        let values = connection(given: given)
        let endpoint = try issuer.expand(
            { name in
                name.hasPrefix(Self.connectionPrefix)
                    ? values[String(name.dropFirst(Self.connectionPrefix.count))] : nil
            }, connectionParameters)
        if let problem = addresses.problem(endpoint.url) { throw UnfitEndpoint(problem) }
        return endpoint.text
    }

    /// Whether an endpoint has to be asked of the issuer.
    package var usesDiscovery: Bool {
        refreshPolicy.needsNoUser
            ? refresh.url.isDiscovered : authorization.url.isDiscovered || token.url.isDiscovered
    }

    /// The endpoint whose origin the tokens of a grant are bound to: the one that issued the last of them.
    var source: TokenEndpoint {
        if refreshPolicy.needsNoUser { return refresh }
        return upgrade ?? token
    }

    /// `scheme://host:port` of the token endpoint, to which tokens obtained there are bound; nil where it differs from
    /// grant to grant, or is known only once the issuer was asked.
    package var tokenOrigin: String? { source.url.origin }

    /// Metadata that endpoints are made of.
    package var routingMetadata: Set<String> {
        let addresses = [token.url, upgrade?.url, refresh.url, revocation?.url].compactMap(\.self)
        let names = addresses.flatMap(\.candidates).flatMap(\.template.variables)
        return Set(
            names.filter { $0.hasPrefix(Self.metadataPrefix) }.map { String($0.dropFirst(Self.metadataPrefix.count)) })
    }

    /// Whether all grants share one token endpoint, so that what one learns of it holds for all.
    package var sharesEndpoint: Bool {
        source.url.isDiscovered ? issuer?.template.variables.isEmpty ?? false : tokenOrigin != nil
    }
}
