package import ToolAuthCore

/// The policy where no rules are configured: root, the daemon's own user and the members of the socket's group may do
/// everything, everyone else nothing.
package struct SocketGroupPolicy: AccessPolicy {
    private let daemonUID: UInt32
    private let socketGID: UInt32?

    /// - Parameter socketGID: the group that owns the socket's path; nil: none gets through as such.
    package init(daemonUID: UInt32, socketGID: UInt32?) {
        self.daemonUID = daemonUID
        self.socketGID = socketGID
    }

    package func allows(_ peer: Peer, _ action: Action, toolID: ToolID?, userID: UserID?) -> Bool {
        if peer.uid == 0 || peer.uid == daemonUID { return true }
        guard let socketGID else { return false }
        return peer.isMember(of: socketGID)
    }
}
