/// Why an attempt did not bring a token, in words fit for a journal: never a token, never a body.
public struct AttemptFailure: Error, Sendable, Hashable {
    /// A stable word: the provider's `error`, or one of ours (`connect`, `timeout`, `malformed`, …).
    public var code: String
    /// One sentence for a person.
    public var detail: String
    /// The HTTP status, where there was a reply.
    public var providerStatus: Int?
    /// How long the provider asks to be left alone, where it said so to a revocation; never stored.
    public var retryAfter: Duration?

    public init(code: String, detail: String, providerStatus: Int? = nil) {
        self.code = code
        self.detail = detail
        self.providerStatus = providerStatus
    }
}
