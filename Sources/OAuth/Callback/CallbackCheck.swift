package import ToolAuthCore

/// Decides whether the code of a callback may be exchanged. Its state was looked up and used up before.
package enum CallbackCheck {
    /// The code to redeem. Asked in this order: is it from the right server (RFC 9207 §2.4, errors included), did it come
    /// to the right place (RFC 8252 §8.10), did the provider refuse (RFC 6749 §4.1.2.1), is there a code.
    ///
    /// - Throws: ``ToolAuthError``: `invalid-callback`, or `provider-error` with what the provider said.
    package static func code(
        of callback: Callback, pending: PendingAuthorization, codeParameter: String
    ) throws(ToolAuthError) -> Secret {
        try checkIssuer(callback.issuer, pending)
        if let came = callback.redirectURI, !RedirectURI.isSame(came, pending.redirectURI) {
            throw ToolAuthError(
                .invalidCallback,
                "the callback did not come to this authorization's redirect URI, which is \(pending.redirectURI)")
        }
        let code =
            codeParameter == "code" ? callback.code : callback.parameters[codeParameter].map { Secret($0) }
        if let error = callback.error {
            throw refused(
                error, callback.errorDescription, withholding: [callback.state, code].compactMap(\.self))
        }
        guard let code, !code.isEmpty else {
            throw ToolAuthError(.invalidCallback, "the callback has neither '\(codeParameter)' nor 'error'")
        }
        return code
    }

    /// How a flow stands that ended with `error`.
    package static func status(after error: ToolAuthError) -> AuthorizationStatus {
        error.code == .providerError && error.provider?.code == "access_denied" ? .denied : .failed
    }

    private static func checkIssuer(_ issuer: String?, _ pending: PendingAuthorization) throws(ToolAuthError) {
        guard let issuer else {
            guard !pending.requiresIssuer else {
                throw ToolAuthError(.invalidCallback, "the callback has no 'iss', which this provider always sends")
            }
            return
        }
        guard let expected = pending.issuer else {
            guard !pending.requiresIssuer else {
                throw ToolAuthError(
                    .invalidCallback, "the callback's 'iss' cannot be compared: no issuer is configured")
            }
            return
        }
        guard bytesEqual(issuer, expected) else {
            throw ToolAuthError(.invalidCallback, "the callback's 'iss' is not \(expected): it is of another server")
        }
    }

    /// What the provider says, unless it repeats `secrets`.
    private static func refused(
        _ error: String, _ description: String?, withholding secrets: [Secret]
    ) -> ToolAuthError {
        let code = PlainText.shown(error, withholding: secrets) ?? "error"
        let detail =
            description.flatMap { PlainText.shown($0, withholding: secrets) } ?? "the provider answered \(code)"
        var result = ToolAuthError(.providerError, "the provider refused the authorization: \(detail)")
        result.provider = AttemptFailure(code: code, detail: detail)
        return result
    }
}
