package import ToolAuthCore

/// The checks of an ID token that came with the tokens (OpenID Connect Core §3.1.3.7).
///
/// It came over TLS straight from the token endpoint, which step 6 allows to stand in for checking its signature; nobody
/// is logged in by it. What is checked ties the code to this flow: `nonce`, `iss`, `aud`, `azp`.
package enum IDToken {
    /// - Parameter issuer: the configured one; nil: not compared.
    /// - Throws: ``ToolAuthError`` (`invalid-callback`): the code was not issued for this flow.
    package static func check(
        _ idToken: String, nonce: Secret, issuer: String?, clientID: String
    ) throws(ToolAuthError) {
        guard let claims = JWTPayload.read(idToken) else { throw refused("is no JWT") }
        guard let sent = claims[path: "nonce"]?.string, Secret(sent) == nonce else {
            throw refused("does not have the nonce of this authorization")
        }
        if let issuer {
            guard let iss = claims[path: "iss"]?.string, bytesEqual(iss, issuer) else {
                throw refused("is of another issuer than \(issuer)")
            }
        }
        guard audience(claims).contains(where: { bytesEqual($0, clientID) }) else {
            throw refused("is for another client")
        }
        if let party = claims[path: "azp"]?.text, !bytesEqual(party, clientID) {
            throw refused("is for another client")
        }
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
