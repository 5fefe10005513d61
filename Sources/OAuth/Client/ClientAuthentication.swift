package import ToolAuthCore

/// How a client proves itself at token and revocation endpoints: exactly one way per request (RFC 6749 §2.3).
package enum ClientAuthentication {
    /// Adds client id and secret to the body or the headers. Without a secret the client is public: only its id is sent
    /// (§3.2.1), whatever the method.
    static func apply(
        _ method: TokenEndpoint.ClientAuthentication, clientID: String, secret: Secret?,
        to parameters: inout ParameterList, _ headers: inout [HTTPRequest.Header]
    ) {
        guard let secret, method != .nothing else {
            parameters.addStandard("client_id", clientID)
            return
        }
        switch method {
        case .clientSecretBasic:
            headers.append(HTTPRequest.Header("Authorization", basic(clientID: clientID, secret: secret)))
        case .clientSecretAsUser:
            headers.append(HTTPRequest.Header("Authorization", basic(user: secret)))
        case .clientSecretPost, .nothing:
            parameters.addStandard("client_id", clientID)
            parameters.addStandard("client_secret", secret)
        }
    }

    /// The value of `Authorization`: id and secret are form-encoded before they are joined (§2.3.1, appendix B).
    package static func basic(clientID: String, secret: Secret) -> Secret {
        var bytes: [UInt8] = []
        FormURLEncoding.append(clientID.utf8, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        secret.withUnsafeBytes { FormURLEncoding.append($0, to: &bytes) }
        return Secret("Basic \(Base64.encode(bytes))")
    }

    /// The secret as user name, as it is, with an empty password (RFC 7617 §2).
    package static func basic(user secret: Secret) -> Secret {
        let bytes = secret.withUnsafeBytes { Array($0) } + [UInt8(ascii: ":")]
        return Secret("Basic \(Base64.encode(bytes))")
    }
}
