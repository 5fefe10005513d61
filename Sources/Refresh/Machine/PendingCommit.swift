package import ToolAuthCore

/// The end of an attempt on its way into the store.
package struct PendingCommit: Sendable {
    package enum Kind: Sendable {
        /// The provider answered, or did not.
        case attempt(RefreshOutcome, Duration)
        /// Nothing was sent; the claim is taken back, and this is what who waits learns.
        case release(Release)
    }

    package enum Release: Sendable {
        /// What was wanted is already so, or is not due.
        case needless
        /// It may not be sent yet, or not at all; why.
        case refused(AttemptFailure, isFinal: Bool)
    }

    package let settlement: Settlement
    /// As claimed: the generation to find, and the attempt it ends; without an attempt, nothing was claimed.
    package let generation: Int64
    package let attempt: String?
    package let kind: Kind
    /// Of the tool's provider at the time of the attempt.
    let endpoint: EndpointID
    let revokesSingleTokens: Bool
    /// Whether the token may be handed out before it is stored: nothing is lost with it.
    let isDispensable: Bool

    package var key: ToolAuthKey { settlement.toolAuth.key }

    /// Whether tokens that exist nowhere else go with it.
    package var holdsTokens: Bool { settlement.tokensChanged }
}
