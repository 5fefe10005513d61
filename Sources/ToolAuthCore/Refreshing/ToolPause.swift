/// Why the refreshes of a whole tool stand still. Its tokens are kept, and those still valid are served.
package struct ToolPause: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// Somebody wants it so.
        case administrator
        /// The provider refuses the client, whatever the grant.
        case clientRejected = "client_rejected"
        /// The provider refuses the requests for another reason, whatever the grant.
        case requestRejected = "request_rejected"

        /// How often one grant tries whether it is over; nil: only an administrator ends it.
        package var probeInterval: Duration? {
            switch self {
            case .administrator: nil
            case .clientRejected: .seconds(300)
            case .requestRejected: .seconds(3600)
            }
        }
    }

    package let kind: Kind
    /// One sentence: what the provider said, and what to do.
    package let detail: String
    package let since: Timestamp

    package init(_ kind: Kind, detail: String, since: Timestamp) {
        self.kind = kind
        self.detail = detail
        self.since = since
    }
}
