/// Why there is no reply.
public struct TransportFailure: Error, Sendable, Equatable {
    /// What went wrong.
    public enum Kind: String, Sendable {
        /// The URL or the options forbid it: nothing left this machine.
        case refused
        case resolve
        case connect
        case tls
        case timeout
        /// Reset, or closed before the reply was whole.
        case interrupted
        case replyTooLarge = "reply_too_large"
        case cancelled
        /// The transport was shut down.
        case shutDown = "shut_down"
        /// Anything else the library says.
        case other
    }

    /// Where the request came to its end.
    public let kind: Kind
    /// False only where it is certain that no byte of the request left.
    public let mayHaveBeenSent: Bool
    /// One sentence for the journal; host and port may appear, the rest of the URL does not.
    public let detail: String

    /// A failure in the words of whoever met it.
    public init(_ kind: Kind, mayHaveBeenSent: Bool, detail: String) {
        self.kind = kind
        self.mayHaveBeenSent = mayHaveBeenSent
        self.detail = detail
    }
}
