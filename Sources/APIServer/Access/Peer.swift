/// Who is at the other end of a connection, as the kernel said when it was accepted; never as the request says.
package struct Peer: Sendable, Hashable {
    /// The process that connected. It may have ended since, and its number may be another's.
    package let pid: Int32
    package let uid: UInt32
    /// Its primary group.
    package let gid: UInt32
    /// Its supplementary groups (SO_PEERGROUPS).
    package let groups: [UInt32]
    /// The system unit it runs in, as the user that unit runs as; nil: none, or it cannot be told for certain.
    package let unit: String?

    package init(pid: Int32, uid: UInt32, gid: UInt32, groups: [UInt32], unit: String? = nil) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
        self.groups = groups
        self.unit = unit
    }

    /// The peer as one whose unit cannot be told.
    var withoutUnit: Peer { Peer(pid: pid, uid: uid, gid: gid, groups: groups) }

    package func isMember(of group: UInt32) -> Bool {
        gid == group || groups.contains(group)
    }
}
