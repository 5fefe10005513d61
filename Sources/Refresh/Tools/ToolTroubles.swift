package import ToolAuthCore

/// Tells failures of a whole tool from those of single grants.
///
/// A refused client is the tool's affair once two distinct records met it (or the only one there is); a refused request,
/// once three did with no success between. Where each grant has a server of its own, one that has thrown us out says little
/// of the others: then either takes ten.
package struct ToolTroubles: Sendable, Equatable {
    package static let clientRejections = 2
    package static let requestRejections = 3
    /// Of either, where each grant has a server of its own.
    package static let separateRejections = 10

    private var clientRejected: Set<ToolAuthKey> = []
    private var requestRejected: Set<ToolAuthKey> = []

    package init() {}

    /// - Parameters:
    ///   - population: how many records the tool has, as far as is known and up to three.
    ///   - sharesEndpoint: whether all of them are refreshed at one server.
    /// - Returns: why the tool is to be paused; nil: it is not.
    package mutating func note(
        _ outcome: RefreshOutcome, of key: ToolAuthKey, population: Int, sharesEndpoint: Bool
    ) -> ToolPause.Kind? {
        switch outcome {
        case .refreshed:
            self = ToolTroubles()
            return nil
        case .grantRejected:
            // The client was accepted, or the grant would not have been looked at.
            clientRejected = []
            return nil
        case .clientRejected:
            clientRejected.insert(key)
            let needed =
                sharesEndpoint || population < DueScan.countLimit
                ? min(Self.clientRejections, max(1, population)) : Self.separateRejections
            return clientRejected.count >= needed ? .clientRejected : nil
        case .requestRejected(let failure) where failure.isOfGrant:
            return nil
        case .requestRejected:
            requestRejected.insert(key)
            let needed = sharesEndpoint ? Self.requestRejections : Self.separateRejections
            return requestRejected.count >= needed ? .requestRejected : nil
        case .transient, .ambiguous, .malformed, .unrefreshable:
            return nil
        }
    }
}

extension AttemptFailure {
    /// Whether we refused the request, not the provider, for what is this grant's: the origin of its tokens, or its issuer.
    /// What the transport refuses is the configuration's.
    fileprivate var isOfGrant: Bool { providerStatus == nil && code != TransportFailure.Kind.refused.rawValue }
}
