import ToolAuthCore

/// Whom a rule is for: all that is given must hold.
package struct PeerMatch: Sendable, Equatable {
    /// The system unit the peer runs in, as that unit's own user.
    package var unit: String?
    package var uid: UInt32?
    /// A group the peer is a member of.
    package var gid: UInt32?

    package init(unit: String? = nil, uid: UInt32? = nil, gid: UInt32? = nil) {
        self.unit = unit
        self.uid = uid
        self.gid = gid
    }

    /// Whom nothing is asked of is everybody.
    ///
    /// - Returns: nil: it hangs on the peer's unit, which cannot be told.
    package func holds(for peer: Peer) -> Bool? {
        if let uid, uid != peer.uid { return false }
        if let gid, !peer.isMember(of: gid) { return false }
        guard let unit else { return true }
        switch peer.unit {
        case .named(let name): return name.utf8.elementsEqual(unit.utf8)
        case .outside: return false
        case .unknown: return nil
        }
    }
}
