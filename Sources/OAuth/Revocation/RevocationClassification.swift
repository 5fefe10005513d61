package import ToolAuthCore

/// From the end of a revocation request to what it means (RFC 7009 §2.2).
package enum RevocationClassification {
    package enum Outcome: Sendable, Equatable {
        /// Gone, or never known: 200 says both.
        case done
        /// The server cannot revoke tokens of this kind.
        case unsupportedKind
        /// The provider refuses the client: another secret may do.
        case clientRejected(AttemptFailure)
        /// To be tried again; the token is still valid (§2.2.1).
        case failed(AttemptFailure)
    }

    /// - Parameter now: when the reply was there.
    package static func outcome(
        of result: Result<HTTPReply, TransportFailure>, _ format: TokenResponseFormat, secrets: [Secret], now: Timestamp
    ) -> Outcome {
        let reply: HTTPReply
        switch result {
        case .failure(let failure): return .failed(AttemptFailure(failure))
        case .success(let received): reply = received
        }
        if (200..<300).contains(reply.status) { return .done }
        let root = ReplyObject.read(reply, .json)
        let code = root.flatMap { format.error(in: $0, status: reply.status) }?.text
        var failure = AttemptFailure(
            code: code, description: root?[path: "error_description"]?.string, status: reply.status,
            fallback: "the provider answered the revocation with status \(reply.status)", withholding: secrets)
        failure.retryAfter = RetryAfter.read(reply, now: now)
        if RefreshClassification.isTransient(reply.status) { return .failed(failure) }
        switch (code, ErrorFamily(code, status: reply.status, format)) {
        case ("unsupported_token_type", _): return .unsupportedKind
        // Against §2.2, some servers answer so to a token they do not know.
        case ("invalid_token", _), (_, .grantRejected): return .done
        case (_, .clientRejected): return .clientRejected(failure)
        default: return .failed(failure)
        }
    }
}
