import CurlTransport
import ToolAuthCore

/// Lends a transport, and shuts it down.
func withTransport<Value>(
    _ configuration: CurlHTTPTransport.Configuration = .patient(),
    _ body: (CurlHTTPTransport) async throws -> Value
) async rethrows -> Value {
    let transport = CurlHTTPTransport(configuration: configuration)
    do {
        let value = try await body(transport)
        await transport.shutDown()
        return value
    } catch {
        await transport.shutDown()
        throw error
    }
}

extension CurlHTTPTransport.Configuration {
    /// Keeps connections for so long that a slow machine does not decide what a test sees.
    static func patient(lookUp: (@Sendable (String) -> NameAnswer)? = nil) -> Self {
        var configuration = Self(userAgent: "toolauthd/test", lookUp: lookUp)
        configuration.idleConnectionAge = .seconds(60)
        return configuration
    }
}

/// Lends a server, and stops it.
func withServer<Value>(
    _ server: LoopbackServer, _ body: (LoopbackServer) async throws -> Value
) async rethrows -> Value {
    defer { server.stop() }
    return try await body(server)
}

extension HTTPRequest {
    /// A token request, allowed over plain http.
    static func post(_ url: String, _ body: String = "grant_type=refresh_token") -> HTTPRequest {
        HTTPRequest(
            method: .post, url: url, headers: [.init("Content-Type", "application/x-www-form-urlencoded")],
            body: Secret(body), options: TransportOptions(allowsHTTPLoopback: true)
        ).timingOut(after: .seconds(120))
    }

    static func get(_ url: String) -> HTTPRequest {
        HTTPRequest(method: .get, url: url, options: TransportOptions(allowsHTTPLoopback: true))
            .timingOut(after: .seconds(120))
    }

    func trusting(_ authority: TestAuthority) -> HTTPRequest {
        var copy = self
        copy.options.caFile = authority.caFile
        return copy
    }

    func timingOut(after timeout: Duration, connect: Duration? = nil) -> HTTPRequest {
        var copy = self
        copy.timeout = timeout
        copy.connectTimeout = connect ?? timeout
        return copy
    }
}

extension Result<HTTPReply, TransportFailure> {
    var failure: TransportFailure? {
        if case .failure(let failure) = self { failure } else { nil }
    }

    var reply: HTTPReply? { try? get() }

    /// The body as text, or the failure, for comparing in one go.
    var summary: String {
        switch self {
        case .success(let reply): "\(reply.status) \(reply.body.reveal())"
        case .failure(let failure):
            failure.kind.rawValue + (failure.mayHaveBeenSent ? ", may have been sent" : ", not sent")
        }
    }
}
