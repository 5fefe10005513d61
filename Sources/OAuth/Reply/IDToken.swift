package import ToolAuthCore

/// The checks of an ID token that came with the tokens (OpenID Connect Core §3.1.3.7).
///
/// It came over TLS straight from the token endpoint, which step 6 allows to stand in for checking its signature; nobody
/// is logged in by it. What is checked ties the code to this flow: `nonce`, `iss`, `aud`, `azp`; and that it is no token
/// of another time, or one that nobody signed.
package enum IDToken {
    /// By how much this machine's clock may differ from the provider's.
    private static let leeway: Duration = .seconds(600)
    private static let algorithms: Set<String> = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "HS256",
        "HS384", "HS512",
    ]

    /// - Parameter issuer: the configured one; nil: not compared.
    /// - Throws: ``ToolAuthError`` (`invalid-callback`): the code was not issued for this flow.
    package static func check(
        _ idToken: String, nonce: Secret, issuer: String?, clientID: String, now: Timestamp
    ) throws(ToolAuthError) {
        guard let (header, claims) = JWTPayload.readWhole(idToken) else { throw refused("is no JWT") }
        guard let algorithm = header?[path: "alg"]?.string, algorithms.contains(algorithm) else {
            throw refused("is not signed by a known algorithm")
        }
        guard let sent = claims[path: "nonce"]?.string, Secret(sent) == nonce else {
            throw refused("does not have the nonce of this authorization")
        }
        if let issuer {
            guard let iss = claims[path: "iss"]?.string, bytesEqual(iss, issuer) else {
                throw refused("is of another issuer than \(issuer)")
            }
        }
        let audience = audience(claims)
        guard audience.contains(where: { bytesEqual($0, clientID) }) else { throw refused("is for another client") }
        if let party = claims[path: "azp"]?.text {
            guard bytesEqual(party, clientID) else { throw refused("is for another client") }
        } else if audience.count > 1 {
            throw refused("is for several clients, and does not say that it was made for this one")
        }
        guard let end = instant(claims, "exp"), end > now - leeway else {
            throw refused("has ended, or no end; look whether this machine's clock is right")
        }
        guard let start = instant(claims, "iat"), start < now + leeway else {
            throw refused("is of the future, or of no time; look whether this machine's clock is right")
        }
    }

    private static func instant(_ claims: JSONValue, _ name: String) -> Timestamp? {
        guard case .number(let seconds)? = claims[path: name] else { return nil }
        return Timestamp(millisecondsSinceEpoch: seconds.scaled(by: 1000))
    }

    private static func audience(_ claims: JSONValue) -> [String] {
        switch claims[path: "aud"] {
        case .string(let text): [text]
        case .array(let elements): elements.compactMap(\.string)
        default: []
        }
    }

    private static func refused(_ why: String) -> ToolAuthError {
        ToolAuthError(.invalidCallback, "the ID token that came for this code \(why); start the authorization again")
    }
}
