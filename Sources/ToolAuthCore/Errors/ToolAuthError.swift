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

        /// A header, parameter or member is missing, unknown or wrong; ``ToolAuthError/field`` names it. 400.
        public static let invalidRequest = Code("invalid-request", 400)
        /// The redirect back belongs to no authorization that can still be completed, or is not what its provider
        /// sends. 400.
        public static let invalidCallback = Code("invalid-callback", 400)
        /// The rule of the calling process does not allow this. 403.
        public static let forbidden = Code("forbidden", 403)
        /// No tool of this id is configured. 404.
        public static let unknownTool = Code("unknown-tool", 404)
        /// No authorization of this id was begun, or it ended some time ago. 404.
        public static let unknownAuthorization = Code("unknown-authorization", 404)
        /// The user has no grant for the tool. 404.
        public static let notConnected = Code("not-connected", 404)
        /// There is no master key of this name. 404.
        public static let unknownKey = Code("unknown-key", 404)
        /// The API has no such path, or nothing at it. 404.
        public static let notFound = Code("not-found", 404)
        /// The path answers to other methods. 405.
        public static let methodNotAllowed = Code("method-not-allowed", 405)
        /// Only the user can bring the next token, by connecting the tool again. 409.
        public static let reauthorizationRequired = Code("reauthorization-required", 409)
        /// The tool gets its tokens without a user, so that there is nothing to authorize. 409.
        public static let noAuthorizationNeeded = Code("no-authorization-needed", 409)
        /// The master key seals what is stored, or has sealed what would be lost with it. 409.
        public static let keyInUse = Code("key-in-use", 409)
        /// The master keys come from a credential, which the daemon cannot change. 409.
        public static let keysReadOnly = Code("keys-read-only", 409)
        /// The grant is not of the generation that the request names, or is none. 412.
        public static let generationMismatch = Code("generation-mismatch", 412)
        /// The request has a longer body than is read. 413.
        public static let bodyTooLarge = Code("too-large", 413)
        /// The request has a longer target than is read. 414.
        public static let targetTooLarge = Code("too-large", 414)
        /// The request has longer headers than are read. 431.
        public static let headersTooLarge = Code("too-large", 431)
        /// The body is not said to be JSON. 415.
        public static let unsupportedMediaType = Code("unsupported-media-type", 415)
        /// The provider, or at it the user, refused, and ``ToolAuthError/provider`` has the answer; or there is nothing
        /// to refresh a token with. 422.
        public static let providerError = Code("provider-error", 422)
        /// A reload found settings that cannot be in force, and changed nothing. 422.
        public static let invalidConfiguration = Code("invalid-configuration", 422)
        /// The caller asks for too much, or the provider asked to be left alone; see ``ToolAuthError/retryAfter``. 429.
        public static let rateLimited = Code("rate-limited", 429)
        /// The last attempt was too recent to send the refresh token again. 429.
        public static let refreshTooSoon = Code("refresh-too-soon", 429)
        /// The provider did not answer, or not with anything of use. 502.
        public static let providerUnreachable = Code("provider-unreachable", 502)
        /// An administrator paused the tool, or the daemon did. 503.
        public static let toolPaused = Code("tool-paused", 503)
        /// The tool cannot be used as it is configured. 503.
        public static let toolUnavailable = Code("tool-unavailable", 503)
        /// The store cannot be read or written. 503.
        public static let storeUnavailable = Code("store-unavailable", 503)
        /// All refreshing is held, so that there is no new token. 503.
        public static let held = Code("held", 503)
        /// The daemon, or the peer, has as many connections as it may. 503.
        public static let tooManyConnections = Code("too-many-connections", 503)
        /// The refresh goes on, and the caller waited long enough; ask again. 504.
        public static let refreshPending = Code("refresh-pending", 504)
        /// A fault of ours; its cause is in the journal. 500.
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
