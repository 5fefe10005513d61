import ToolAuthCore

/// What an authorization server says of itself (RFC 8414 §2, OpenID Connect Discovery §3), as far as a client needs it.
package struct ServerMetadata: Sendable, Equatable {
    package var issuer: String
    package var authorizationEndpoint: String?
    package var tokenEndpoint: String?
    package var revocationEndpoint: String?
    /// nil: it does not say, which means `client_secret_basic`.
    package var authenticationMethods: [String]?
    /// nil: as ``authenticationMethods``.
    package var revocationAuthenticationMethods: [String]?
    /// Whether every callback has `iss` (RFC 9207 §3).
    package var sendsIssuer = false

    package init(issuer: String) {
        self.issuer = issuer
    }

    /// Reads a metadata document.
    ///
    /// - Parameter issuer: the one that was asked; the document must name the same, byte for byte (RFC 8414 §3.3).
    /// - Throws: ``DiscoveryFailure`` where it is no JSON object or of another issuer. Members that are not what they
    ///   should be are left out.
    package init(_ document: JSONValue?, issuer: String) throws(DiscoveryFailure) {
        guard let document, document.isObject else { throw DiscoveryFailure("is no JSON object") }
        guard let named = document[path: "issuer"]?.string else { throw DiscoveryFailure("names no issuer") }
        guard bytesEqual(named, issuer) else {
            throw DiscoveryFailure("is of the issuer '\(PlainText.shown(named))', not of \(issuer)", .refused)
        }
        self.init(issuer: issuer)
        func text(_ name: String) -> String? {
            document[path: name]?.string.flatMap { $0.isEmpty ? nil : $0 }
        }
        func texts(_ name: String) -> [String]? {
            guard case .array(let elements)? = document[path: name] else { return nil }
            return elements.compactMap(\.string)
        }
        authorizationEndpoint = text("authorization_endpoint")
        tokenEndpoint = text("token_endpoint")
        revocationEndpoint = text("revocation_endpoint")
        authenticationMethods = texts("token_endpoint_auth_methods_supported")
        revocationAuthenticationMethods = texts("revocation_endpoint_auth_methods_supported")
        sendsIssuer = document[path: "authorization_response_iss_parameter_supported"] == .bool(true)
    }
}

extension ServerMetadata {
    /// How a confidential client proves itself at the token endpoint: the first of ours that the server offers.
    package var authentication: TokenEndpoint.ClientAuthentication { Self.pick(authenticationMethods) }

    package var revocationAuthentication: TokenEndpoint.ClientAuthentication {
        Self.pick(revocationAuthenticationMethods ?? authenticationMethods)
    }

    /// Basic comes first since every server must have it (RFC 6749 §2.3.1), and is taken where none of ours is offered:
    /// the server then says itself what it misses.
    private static func pick(_ offered: [String]?) -> TokenEndpoint.ClientAuthentication {
        let ours: [TokenEndpoint.ClientAuthentication] = [.clientSecretBasic, .clientSecretPost]
        return ours.first { offered?.contains($0.rawValue) ?? true } ?? .clientSecretBasic
    }
}

/// Why an issuer's metadata cannot be used, in words that follow its name.
package struct DiscoveryFailure: Error, Sendable, Equatable {
    package enum Kind: Sendable {
        /// Nobody answered, or somebody said that he cannot now.
        case unreachable
        /// What answered is no metadata: perhaps another's page, while the server starts.
        case unusable
        /// There is no issuer to ask, or what answered is another one.
        case refused
    }

    package let detail: String
    package let kind: Kind

    package init(_ detail: String, _ kind: Kind = .unusable) {
        self.detail = detail
        self.kind = kind
    }

    package var isUnreachable: Bool { kind == .unreachable }
}
