/// Why a request was not done, with the fact needed to act. One to one with the problem types of the API.
public struct ToolAuthError: Error, Sendable, Equatable {
    public var code: Code
    /// One sentence that says what is wrong and, where it helps, what to do. Never a secret.
    public var detail: String
    /// The offending field, header or parameter of `invalid-request`.
    public var field: String?
    /// Machine-readable reason, such as `grant_rejected`.
    public var reason: String?
    /// Since when it is so.
    public var since: Timestamp?
    /// When to try again.
    public var retryAfter: Duration?
    /// What the provider answered, where it refused.
    public var provider: AttemptFailure?
    /// Where to send the browser that a failed flow leaves waiting; nil: nowhere was asked for.
    package var redirectTo: String?
    /// Names close to an unknown one, best first.
    public var suggestions: [String] = []

    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// A stable code; more may come, so switch with a default.
    public struct Code: Sendable, Hashable {
        /// The part after `urn:toolauthd:`.
        public let name: String
        /// The HTTP status that goes with it.
        public let httpStatus: Int

        private init(_ name: String, _ httpStatus: Int) {
            self.name = name
            self.httpStatus = httpStatus
        }

        public static let invalidRequest = Code("invalid-request", 400)
        public static let invalidCallback = Code("invalid-callback", 400)
        public static let forbidden = Code("forbidden", 403)
        public static let unknownTool = Code("unknown-tool", 404)
        public static let unknownAuthorization = Code("unknown-authorization", 404)
        public static let notConnected = Code("not-connected", 404)
        public static let unknownKey = Code("unknown-key", 404)
        public static let notFound = Code("not-found", 404)
        public static let methodNotAllowed = Code("method-not-allowed", 405)
        public static let reauthorizationRequired = Code("reauthorization-required", 409)
        public static let noAuthorizationNeeded = Code("no-authorization-needed", 409)
        public static let keyInUse = Code("key-in-use", 409)
        public static let keysReadOnly = Code("keys-read-only", 409)
        public static let generationMismatch = Code("generation-mismatch", 412)
        public static let bodyTooLarge = Code("too-large", 413)
        public static let targetTooLarge = Code("too-large", 414)
        public static let headersTooLarge = Code("too-large", 431)
        public static let unsupportedMediaType = Code("unsupported-media-type", 415)
        public static let providerError = Code("provider-error", 422)
        public static let invalidConfiguration = Code("invalid-configuration", 422)
        public static let rateLimited = Code("rate-limited", 429)
        public static let refreshTooSoon = Code("refresh-too-soon", 429)
        public static let providerUnreachable = Code("provider-unreachable", 502)
        public static let toolPaused = Code("tool-paused", 503)
        public static let toolUnavailable = Code("tool-unavailable", 503)
        public static let storeUnavailable = Code("store-unavailable", 503)
        public static let held = Code("held", 503)
        public static let tooManyConnections = Code("too-many-connections", 503)
        public static let refreshPending = Code("refresh-pending", 504)
        /// A fault of ours; its cause is in the journal.
        public static let internalError = Code("internal-error", 500)
    }
}

extension ToolAuthError {
    package static func invalidRequest(field: String, _ detail: String) -> ToolAuthError {
        var error = ToolAuthError(.invalidRequest, detail)
        error.field = field
        return error
    }

    package static func storeUnavailable(_ error: StoreError) -> ToolAuthError {
        ToolAuthError(.storeUnavailable, error.detail)
    }
}
