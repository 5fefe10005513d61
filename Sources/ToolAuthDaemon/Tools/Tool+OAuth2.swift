import OAuth
import ToolAuthCore

extension Tool.Client {
    /// The client of a tool that is described by documents.
    ///
    /// - Parameter custom: the provider's own authentication type; nil: the documents say all.
    init(
        _ authentication: OAuth2Authentication, custom: CustomProvider?, endpoint: EndpointID, probeTimeout: Duration
    ) {
        let configuration = authentication.configuration
        self.authentication = custom?.makeAuthentication(ToolContext(authentication)) ?? authentication
        policy = configuration.refreshPolicy
        self.endpoint = endpoint
        clientID = configuration.clientID
        tokenOrigin = configuration.tokenOrigin
        sharesEndpoint = configuration.sharesEndpoint
        origin = { () async throws(ToolAuthError) -> String in
            try await authentication.tokenOrigin(given: [:], metadata: [:])
        }
        scope = configuration.scopes.joined(separator: " ")
        tokenTypes = configuration.token.response.tokenTypes
        routingMetadata = configuration.routingMetadata
        revocationScope = configuration.revocation?.scope
        if sharesEndpoint {
            connect = { () async -> AttemptFailure? in await authentication.connect(timeout: probeTimeout) }
        }
    }
}
