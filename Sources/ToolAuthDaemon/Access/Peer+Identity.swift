import APIServer
import Systemd

extension Peer {
    /// Who is at the other end of a connected socket; nil: the kernel would not say.
    @Sendable
    static func identified(bySocket descriptor: CInt) -> Peer? {
        guard let identity = try? PeerIdentity(ofSocket: descriptor) else { return nil }
        return Peer(
            pid: identity.pid, uid: identity.uid, gid: identity.gid, groups: identity.groups, unit: identity.unit)
    }
}
