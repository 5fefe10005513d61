package import ToolAuthCore

/// The authorization code grant with PKCE, refresh and revocation, as one tool's configuration says: the authentication
/// class of every tool that needs no code of its own.
package struct OAuth2Authentication: ToolAuthentication {
    package let configuration: OAuth2Configuration
    package let transport: any HTTPTransport
    package let clock: any WallClock
    package let random: any RandomSource
    package let discovery: Discovery

    /// - Parameter discovery: shared among tools, so that an issuer is asked once; nil: one of its own.
    package init(
        configuration: OAuth2Configuration, transport: any HTTPTransport, clock: any WallClock = SystemWallClock(),
        random: any RandomSource = SystemRandomSource(), discovery: Discovery? = nil
    ) {
        self.configuration = configuration
        self.transport = transport
        self.clock = clock
        self.random = random
        self.discovery = discovery ?? Discovery(transport: transport, clock: clock)
    }

    package var toolID: ToolID { configuration.toolID }

    package func getAuthURL(for userID: UserID, options: AuthURLOptions) async throws -> PendingAuthorization {
        guard !configuration.refreshPolicy.needsNoUser else {
            throw ToolAuthError(
                .noAuthorizationNeeded, "\(toolID) gets its tokens without a user: there is nothing to authorize")
        }
        // Before the network is asked: what a caller has wrong is told at once.
        try AuthorizationOptions.checkConnection(options, configuration)
        return try AuthorizationRequest.build(
            configuration, userID: userID, options: options, server: try await server(given: options.connection),
            now: clock.now, random: random)
    }

    /// The secrets to try, in order; a public client has none.
    var secrets: [Secret?] {
        configuration.clientSecrets.isEmpty ? [nil] : configuration.clientSecrets
    }

    func context(_ server: ServerMetadata?) -> RequestContext {
        RequestContext(server: server, now: clock.now, random: random)
    }

    func send(
        _ request: HTTPRequest, keepsRefreshToken: Bool
    ) async -> (Result<HTTPReply, TransportFailure>, TokenReply.Context) {
        let context = TokenReply.Context(
            sentAt: clock.now, policy: configuration.refreshPolicy, keepsRefreshToken: keepsRefreshToken)
        return (await transport.send(request), context)
    }

    // MARK: The issuer

    /// What the issuer says of its endpoints; nil where the document names them all.
    ///
    /// - Parameter connection: what a caller gave.
    /// - Throws: ``ToolAuthError``: `provider-unreachable`, or `tool-unavailable` where there is no such issuer.
    private func server(given connection: [String: String]) async throws(ToolAuthError) -> ServerMetadata? {
        do throws(DiscoveryFailure) {
            return try await discovered(given: connection)
        } catch {
            throw ToolAuthError(
                error.isUnreachable ? .providerUnreachable : .toolUnavailable, Self.sentence(error, toolID))
        }
    }

    /// - Parameter isNeeded: whether an endpoint at hand has to be asked of it, whatever the others do.
    func discovered(
        given connection: [String: String], isNeeded: Bool = false
    ) async throws(DiscoveryFailure) -> ServerMetadata? {
        guard isNeeded || configuration.usesDiscovery else { return nil }
        guard let issuer = try issuer(given: connection) else { throw DiscoveryFailure("is not configured", .refused) }
        return try await discovery.metadata(of: issuer, options: configuration.transport)
    }

    private func issuer(given connection: [String: String]) throws(DiscoveryFailure) -> String? {
        do throws(UnfitEndpoint) { return try configuration.issuer(given: connection) } catch {
            throw DiscoveryFailure(error.detail, .refused)
        }
    }

    /// Where an endpoint that the issuer named does not answer as one, the issuer may have another by now.
    func doubt(given connection: [String: String]) async {
        guard configuration.usesDiscovery, let issuer = try? issuer(given: connection) else { return }
        await discovery.doubt(issuer, options: configuration.transport)
    }

    static func sentence(_ failure: DiscoveryFailure, _ toolID: ToolID) -> String {
        "the metadata of the issuer of \(toolID) \(failure.detail)"
    }

    // MARK: The token endpoint

    /// `scheme://host:port` of the token endpoint that a grant with these values would be bound to.
    ///
    /// - Throws: ``ToolAuthError``: `invalid-request` where it takes a connection value that is not here; else as
    ///   ``getAuthURL(for:options:)``.
    package func tokenOrigin(
        given connection: [String: String], metadata: [String: String]
    ) async throws(ToolAuthError) -> String {
        if let origin = configuration.tokenOrigin { return origin }
        let values = configuration.connection(given: connection)
        if let missing = configuration.neededConnection.first(where: { values[$0.name] == nil }) {
            throw ToolAuthError(
                .invalidRequest, "\(toolID) needs a value for '\(missing.name)', which only a user's consent can bring")
        }
        return try await tokenEndpoint(given: connection, metadata: metadata).url.origin
    }

    private func tokenEndpoint(
        given connection: [String: String], metadata: [String: String]
    ) async throws(ToolAuthError) -> Endpoint {
        let server = try await server(given: connection)
        let values = TemplateValues(
            scope: "", redirectURI: "", configuration, connection: connection, metadata: metadata, context(server))
        do throws(UnfitEndpoint) {
            return try configuration.endpoint(configuration.source.url, values, discovered: server?.tokenEndpoint)
        } catch {
            throw ToolAuthError(.toolUnavailable, "the token endpoint of \(toolID) \(error.detail)")
        }
    }

    /// Opens a connection to the token endpoint and closes it again.
    ///
    /// - Returns: why that failed; nil: it stands, or there is no one endpoint for all.
    package func connect(timeout: Duration) async -> AttemptFailure? {
        guard configuration.sharesEndpoint else { return nil }
        let endpoint: Endpoint
        do throws(ToolAuthError) { endpoint = try await tokenEndpoint(given: [:], metadata: [:]) } catch {
            return AttemptFailure(code: "discovery", detail: error.detail)
        }
        let failure = await transport.connect(to: endpoint.text, options: configuration.transport, timeout: timeout)
        return failure.map { AttemptFailure(code: $0.kind.rawValue, detail: $0.detail) }
    }
}
