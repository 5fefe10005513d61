import ToolAuthCore

extension CallbackPage {
    /// The page of a flow that failed. Of a fault of ours it says only that there is one.
    init(_ error: ToolAuthError) {
        let code = error.provider?.code ?? error.code.name
        self =
            switch error.code {
            case .providerError where code == "access_denied": .denied(description: error.provider?.detail)
            case .providerError where code == "no_refresh_token": .keptFormerGrant(code: code)
            case .providerError: .failed(code: code, description: error.provider?.detail ?? error.detail)
            case .invalidCallback, .invalidRequest, .targetTooLarge:
                .invalidCallback(code: error.code.name, reason: error.detail)
            case .providerUnreachable, .storeUnavailable, .toolPaused, .toolUnavailable, .refreshPending, .rateLimited,
                .tooManyConnections:
                .temporarilyUnavailable(code: error.code.name, reason: error.detail)
            case .notFound: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .internalError: .fault(code: code, reason: "The journal of toolauthd says what happened.")
            default: .fault(code: code, reason: error.detail)
            }
    }
}
