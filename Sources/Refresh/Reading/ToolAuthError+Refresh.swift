package import ToolAuthCore

extension ToolAuthError {
    /// The grant is dead: only the user can bring it back.
    package static func reauthorizationRequired(
        _ record: ToolAuthRecord, _ reason: ReauthorizationReason
    ) -> ToolAuthError {
        var error = ToolAuthError(
            .reauthorizationRequired,
            "\(record.userID) must connect \(record.toolID) again: \(reason.explanation).")
        error.reason = reason.rawValue
        error.since = reason == .expiredUnrefreshable ? record.expiresAt ?? record.updatedAt : record.updatedAt
        return error
    }

    /// The provider's token is of a type that is not handed out; another one would be so too.
    package static func unusableType(_ record: ToolAuthRecord) -> ToolAuthError {
        var error = ToolAuthError(
            .providerError,
            "The provider sent a token of the type “\(oneWord(record.tokenType))”, which is not handed out. If it is right, "
                + "list the type in the provider document (response.token_types).")
        error.reason = "unknown_token_type"
        return error
    }

    private static func oneWord(_ text: String) -> String {
        String(text.unicodeScalars.prefix(40).filter { $0.value > 0x20 && $0.value < 0x7f }.map(Character.init))
    }

    /// There is no valid token, and the last attempt to get one failed.
    package static func refreshFailed(_ record: ToolAuthRecord, retryAt: Timestamp?, now: Timestamp) -> ToolAuthError {
        let refused = record.lastOutcome == "request_rejected" || record.lastOutcome == "client_rejected"
        let detail = record.lastError?.detail ?? "The last refresh failed."
        var error = ToolAuthError(refused ? .providerError : .providerUnreachable, detail)
        error.reason = record.lastError?.code
        if refused { error.provider = record.lastError } else { error.retryAfter = retryAt.map { $0 - now } }
        return error
    }
}

extension ReauthorizationReason {
    /// The end of a sentence that begins "… must connect again:".
    package var explanation: String {
        switch self {
        case .grantRejected: "the provider refused the refresh token"
        case .replyLost: "the provider replaced the refresh token and its reply was lost"
        case .expiredUnrefreshable: "the access token ended and there is nothing to refresh it with"
        case .configurationChanged: "the tool now has another client id"
        case .undecryptable: "the stored tokens do not open under any key present"
        }
    }
}
