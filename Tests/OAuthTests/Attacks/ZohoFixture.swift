import OAuth
import ToolAuthCore

/// A provider whose callback names the data centre that its tokens come from, as Zoho's does, and which of three tokens
/// it may be that leave.
enum Zoho {
    static let home = "https://accounts.zoho.com:443"

    static let configuration: OAuth2Configuration = {
        let token = TokenEndpoint(
            url: EndpointAddress([
                "https://${metadata.accounts-server}/oauth/v2/token", "https://accounts.zoho.com/oauth/v2/token",
            ]), clientAuthentication: .clientSecretPost)
        var configuration = Fixture.configuration(
            authorization: AuthorizationEndpoint(
                url: "https://accounts.zoho.com/oauth/v2/auth", callbackMetadata: ["accounts-server"]), token: token)
        configuration.revocation = RevocationEndpoint(url: "https://${metadata.accounts-server}/oauth/v2/token/revoke")
        configuration.connectionParameters = [
            ConnectionParameter(name: "accounts-server", hosts: ["accounts.zoho.com", "accounts.zoho.eu"])
        ]
        return configuration
    }()

    static let tokens = Fixture.success(200, #"{"access_token":"new-access","refresh_token":"new-refresh"}"#)

    static func transport() -> RoutingTransport {
        RoutingTransport([
            "https://accounts.zoho.com/oauth/v2/token": tokens, "https://accounts.zoho.eu/oauth/v2/token": tokens,
            "https://accounts.zoho.com/oauth/v2/token/revoke": Fixture.success(),
        ])
    }

    static func record(_ metadata: [String: String], origin: String = home) -> ToolAuthRecord {
        var record = Fixture.record()
        record.metadata = metadata
        record.tokenOrigin = origin
        return record
    }
}

/// The class under test over `transport`.
func authentication(
    _ transport: any HTTPTransport, _ configuration: OAuth2Configuration, clock: any WallClock = StoppedClock()
) -> OAuth2Authentication {
    OAuth2Authentication(
        configuration: configuration, transport: transport, clock: clock, random: CountingRandom())
}

/// The error of an operation that must fail.
func failure(_ operation: () async throws -> some Any) async -> ToolAuthError? {
    do {
        _ = try await operation()
        return nil
    } catch {
        return error as? ToolAuthError
    }
}
