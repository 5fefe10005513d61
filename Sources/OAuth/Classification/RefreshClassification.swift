package import ToolAuthCore

/// From the end of a refresh request to its outcome: one total function, the outcome table of the refresh engine read
/// top down, first match.
package enum RefreshClassification {
    /// - Parameters:
    ///   - secrets: everything sent that must not come back in words.
    ///   - now: when the reply was there; a `Retry-After` date without a `Date` counts from it.
    package static func outcome(
        of result: Result<HTTPReply, TransportFailure>, _ format: TokenResponseFormat, _ context: TokenReply.Context,
        secrets: [Secret], now: Timestamp
    ) -> RefreshOutcome {
        switch result {
        case .failure(let failure): outcome(of: failure)
        case .success(let reply): outcome(of: reply, format, context, secrets, now)
        }
    }

    private static func outcome(
        of reply: HTTPReply, _ format: TokenResponseFormat, _ context: TokenReply.Context, _ secrets: [Secret],
        _ now: Timestamp
    ) -> RefreshOutcome {
        let status = reply.status
        let read = TokenReply.read(reply, format, context)
        if case .granted(let grant, _) = read { return .refreshed(grant) }
        let (code, description) = read.error
        let family = ErrorFamily(code, status: status, format)
        let said = AttemptFailure(
            code: code, description: description, status: status,
            fallback: "the provider answered with status \(status)", withholding: secrets)
        if isTransient(status) || format.transientStatuses.contains(status) || family == .transient {
            return .transient(said, retryAfter: RetryAfter.read(reply, now: now), atEndpoint: false)
        }
        switch (read, status) {
        case (.unreadable, 400..<500):
            let failure = AttemptFailure(status: status, "status \(status) with a body that no token endpoint sends")
            return .transient(failure, retryAfter: RetryAfter.read(reply, now: now), atEndpoint: false)
        case (.unreadable, 300..<400):
            return .requestRejected(AttemptFailure(status: status, "a redirect, which is never followed"))
        case (.unreadable, 200..<300):
            let failure = AttemptFailure(
                code: "malformed", detail: "a success whose body cannot be read", providerStatus: status)
            return .malformed(failure, refreshToken: nil)
        case (.malformed(let detail, let refreshToken), _):
            let failure = AttemptFailure(code: "malformed", detail: detail, providerStatus: status)
            return .malformed(failure, refreshToken: refreshToken)
        case (.refused, _) where family == .grantRejected:
            return .grantRejected(said)
        case (.refused, _) where family == .clientRejected:
            return .clientRejected(said)
        case (.refused, 200..<500):
            return .requestRejected(said)
        default:
            // A status that HTTP does not have: all that is known is that the request was sent.
            return .ambiguous(AttemptFailure(status: status, "a reply with status \(status), which means nothing"))
        }
    }

    private static func outcome(of failure: TransportFailure) -> RefreshOutcome {
        let told = AttemptFailure(failure)
        if failure.mayHaveBeenSent { return .ambiguous(told) }
        switch failure.kind {
        case .resolve, .connect, .tls, .timeout, .interrupted:
            return .transient(told, retryAfter: nil, atEndpoint: true)
        case .cancelled, .shutDown, .other, .replyTooLarge:
            return .transient(told, retryAfter: nil, atEndpoint: false)
        case .refused:
            // Our own configuration forbids the request; trying again soon changes nothing.
            return .requestRejected(told)
        }
    }

    /// Statuses that speak of the server's state, whatever the body says.
    static func isTransient(_ status: Int) -> Bool {
        status == 408 || status == 425 || status == 429 || (500..<600).contains(status)
    }
}

extension TokenReply {
    /// The error it carries, if any.
    var error: (code: String?, description: String?) {
        if case .refused(let code, let description) = self { (code, description) } else { (nil, nil) }
    }
}
