package import ToolAuthCore

/// Who is at the other end of a connection, as the kernel said when it was accepted; never as the request says.
package struct Peer: Sendable, Hashable {
    /// The process that connected. It may have ended since, and its number may be another's.
    package let pid: Int32
    package let uid: UInt32
    /// Its primary group.
    package let gid: UInt32
    /// Its supplementary groups (SO_PEERGROUPS).
    package let groups: [UInt32]
    /// The system unit it runs in.
    package let unit: ProcessUnit

    package init(pid: Int32, uid: UInt32, gid: UInt32, groups: [UInt32], unit: ProcessUnit = .outside) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
        self.groups = groups
        self.unit = unit
    }

    /// The peer as if it ran in another unit.
    func running(in unit: ProcessUnit) -> Peer { Peer(pid: pid, uid: uid, gid: gid, groups: groups, unit: unit) }

    package func isMember(of group: UInt32) -> Bool {
        gid == group || groups.contains(group)
    }
}
