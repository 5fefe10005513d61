package import ToolAuthCore

/// From the end of a code exchange to tokens or an error: an OAuth error is the provider's refusal (422); no answer, 5xx
/// and anything of the wrong shape mean that it could not be reached (502), and the user starts again.
package enum ExchangeClassification {
    package struct Success: Sendable {
        package var grant: TokenGrant
        package let idToken: String?
    }

    /// - Parameters:
    ///   - secrets: everything sent that must not come back in words.
    ///   - now: as in ``RefreshClassification/outcome(of:_:_:secrets:now:)``.
    /// - Throws: ``ToolAuthError`` `provider-error`, with reason `client_rejected` where the provider refused the client
    ///   and not the code; or `provider-unreachable`.
    package static func success(
        of result: Result<HTTPReply, TransportFailure>, _ format: TokenResponseFormat, _ context: TokenReply.Context,
        secrets: [Secret], now: Timestamp
    ) throws(ToolAuthError) -> Success {
        let reply: HTTPReply
        switch result {
        case .failure(let failure): throw unreachable(AttemptFailure(failure), retryAfter: nil)
        case .success(let received): reply = received
        }
        let status = reply.status
        let passes = RefreshClassification.isTransient(status) || format.transientStatuses.contains(status)
        switch TokenReply.read(reply, format, context) {
        case .granted(let grant, let idToken):
            return Success(grant: grant, idToken: idToken)
        case .refused(let code?, let description) where !passes && status < 600:
            let failure = AttemptFailure(
                code: code, description: description, status: status,
                fallback: "the provider answered with status \(status)", withholding: secrets)
            var error = ToolAuthError(.providerError, "the provider refused the code: \(failure.detail)")
            error.provider = failure
            if ErrorFamily(code, status: status, format) == .clientRejected { error.reason = "client_rejected" }
            throw error
        case .malformed(let detail, _):
            throw unreachable(
                AttemptFailure(code: "malformed", detail: detail, providerStatus: status), retryAfter: nil)
        case .refused, .unreadable:
            let failure = AttemptFailure(status: status, "status \(status) without what a token endpoint answers")
            throw unreachable(failure, retryAfter: RetryAfter.read(reply, now: now))
        }
    }

    private static func unreachable(_ failure: AttemptFailure, retryAfter: Duration?) -> ToolAuthError {
        var error = ToolAuthError(
            .providerUnreachable,
            "the code could not be exchanged: \(failure.detail); start the authorization again")
        error.provider = failure
        error.retryAfter = retryAfter
        return error
    }
}
