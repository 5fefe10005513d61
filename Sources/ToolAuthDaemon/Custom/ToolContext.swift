import OAuth
public import ToolAuthCore

/// A tool as an authentication type of one's own is given it, and what the daemon does for such a type.
public struct ToolContext: Sendable {
    /// The tool as its documents alone describe it: for the steps that need no code, and to be wrapped.
    public let documented: any ToolAuthentication
    let oauth2: OAuth2Authentication

    init(_ oauth2: OAuth2Authentication) {
        self.oauth2 = oauth2
        documented = oauth2
    }

    public var toolID: ToolID { oauth2.configuration.toolID }
    public var clientID: String { oauth2.configuration.clientID }
    /// In the order to try them: only a refused client moves on to the next. Empty: a public client.
    public var clientSecrets: [Secret] { oauth2.configuration.clientSecrets }
    public var scopes: [String] { oauth2.configuration.scopes }
    /// The first is the default.
    public var redirectURIs: [String] { oauth2.configuration.redirectURIs }
    /// The values of the provider's `connection`: the tool's own, else the document's defaults.
    public var connection: [String: String] { oauth2.configuration.connection(given: [:]) }
    /// The time as the daemon has it.
    public var now: Timestamp { oauth2.clock.now }

    /// The tool as its documents describe it, with every request changed before it leaves: signed, for instance.
    ///
    /// - Parameter prepare: is given the whole request. It may add headers; to change `url` would undo the rules for hosts,
    ///   so another host is refused.
    public func documented(preparing prepare: @escaping @Sendable (inout HTTPRequest) -> Void) -> any ToolAuthentication
    {
        OAuth2Authentication(
            configuration: oauth2.configuration,
            transport: PreparingTransport(transport: oauth2.transport, prepare: prepare), clock: oauth2.clock,
            random: oauth2.random, discovery: oauth2.discovery)
    }

    /// A POST of form-encoded parameters, over the tool's own proxy and authorities.
    ///
    /// - Throws: ``ToolAuthError`` (`tool-unavailable`) where the tool may not send requests to `url`: it is no https URL,
    ///   or a private address that its file does not allow.
    public func formRequest(
        to url: String, _ parameters: [(name: String, value: Secret)]
    ) throws(ToolAuthError) -> HTTPRequest {
        do throws(UnfitEndpoint) {
            let endpoint = try Endpoint(url)
            if let problem = oauth2.configuration.addresses.problem(endpoint.url) { throw UnfitEndpoint(problem) }
        } catch {
            throw ToolAuthError(.toolUnavailable, "an address of \(toolID) \(error.detail)")
        }
        var request = HTTPRequest(method: .post, url: url, options: oauth2.configuration.transport)
        request.put(parameters, as: .form)
        request.addHeaders([:])
        return request
    }

    /// Sends a request; see ``HTTPTransport/send(_:)``.
    public func send(_ request: HTTPRequest) async -> Result<HTTPReply, TransportFailure> {
        await oauth2.transport.send(request)
    }

    /// Reads the reply to an exchange as the document's `token.response` says.
    ///
    /// - Parameters:
    ///   - sentAt: when the request was sent: lifetimes count from there.
    ///   - secrets: all that the request carried and no error may repeat.
    /// - Throws: ``ToolAuthError``: `provider-error` for a refusal, `provider-unreachable` for anything that is no answer
    ///   of a token endpoint.
    public func grant(
        from result: Result<HTTPReply, TransportFailure>, sentAt: Timestamp, withholding secrets: [Secret]
    ) throws(ToolAuthError) -> TokenGrant {
        try ExchangeClassification.success(
            of: result, oauth2.configuration.token.response, reading(sentAt, keepsRefreshToken: false),
            secrets: secrets, now: now
        ).grant
    }

    /// Reads the reply to a refresh as the document's `refresh.response` says. Total: every end is an outcome.
    public func outcome(
        of result: Result<HTTPReply, TransportFailure>, sentAt: Timestamp, withholding secrets: [Secret]
    ) -> RefreshOutcome {
        RefreshClassification.outcome(
            of: result, oauth2.configuration.refresh.response, reading(sentAt, keepsRefreshToken: true),
            secrets: secrets, now: now)
    }

    private func reading(_ sentAt: Timestamp, keepsRefreshToken: Bool) -> TokenReply.Context {
        TokenReply.Context(
            sentAt: sentAt, policy: oauth2.configuration.refreshPolicy, keepsRefreshToken: keepsRefreshToken)
    }
}
