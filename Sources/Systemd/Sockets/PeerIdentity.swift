import CSystemd
import Glibc
package import ToolAuthCore

/// Who is at the other end of a Unix socket, as the kernel says: the process that called `connect`, as it was then.
package struct PeerIdentity: Sendable, Equatable {
    package let pid: Int32
    package let uid: UInt32
    package let gid: UInt32
    /// Supplementary groups; the kernel lists ``gid`` among them or not, as the process had it.
    package let groups: [UInt32]
    /// The system unit the process runs in; unknown of one that has ended.
    package let unit: ProcessUnit

    package init(pid: Int32, uid: UInt32, gid: UInt32, groups: [UInt32], unit: ProcessUnit = .outside) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
        self.groups = groups
        self.unit = unit
    }

    /// Why the kernel did not say.
    package struct Failure: Error, CustomStringConvertible {
        package let errno: CInt

        package var description: String { "cannot tell who connected: \(errorText(errno))" }
    }

    /// To be made when the connection is accepted: its unit is read from /proc, before the process can be gone and its
    /// number another's. That it still runs afterwards shows that it was itself that was read of.
    ///
    /// - Parameter descriptor: a connected Unix stream socket.
    package init(ofSocket descriptor: CInt) throws(Failure) {
        var peer = toolauth_peer()
        let result = toolauth_peer_credentials(descriptor, &peer)
        if result < 0 { throw Failure(errno: -result) }
        // Peers whom this user namespace does not know, and sockets without a peer: uid and gid are then no one's.
        guard peer.uid != .max, peer.gid != .max else { throw Failure(errno: ENOTCONN) }
        pid = peer.pid
        uid = peer.uid
        gid = peer.gid
        groups = try Self.groups(of: descriptor)
        unit = Self.unit(of: peer.pid, uid: peer.uid, descriptor)
    }

    package func isMember(ofGroup group: UInt32) -> Bool {
        gid == group || groups.contains(group)
    }

    private static func unit(of pid: Int32, uid: UInt32, _ descriptor: CInt) -> ProcessUnit {
        // 0: a process that our PID namespace does not see. To libsystemd it would mean ourselves.
        guard pid > 0 else { return .unknown }
        let process = toolauth_peer_process(descriptor, pid)
        guard process >= 0 else { return .unknown }
        defer { close(process) }
        let unit = UnitNames.shared.unit(of: pid)
        // Where the kernel gave no handle of the socket's own, another process may have had the number all along: then
        // at least it is of the same user.
        var status = stat()
        guard stat("/proc/\(pid)", &status) == 0, status.st_uid == uid, toolauth_process_runs(process) == 1 else {
            return .unknown
        }
        return unit
    }

    /// - Parameter capacity: how many are asked for at first; the kernel says how many there are.
    static func groups(of descriptor: CInt, capacity: Int = 64) throws(Failure) -> [UInt32] {
        var capacity = capacity
        while true {
            var groups = [gid_t](repeating: 0, count: capacity)
            var size = socklen_t(capacity * MemoryLayout<gid_t>.stride)
            let result = toolauth_peer_groups(descriptor, &groups, &size)
            let count = Int(size) / MemoryLayout<gid_t>.stride
            if result == 0 { return Array(groups.prefix(count)) }
            guard result == -ERANGE, count > capacity else { throw Failure(errno: -result) }
            capacity = count
        }
    }
}
