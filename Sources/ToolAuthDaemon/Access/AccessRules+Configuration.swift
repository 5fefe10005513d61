import APIServer
import Glibc
import Providers
import Systemd
import ToolAuthCore

extension AccessRules {
    /// The rules of the configuration, and those that always hold.
    ///
    /// - Throws: ``DaemonFailure`` (`configuration`) for a user or a group that this machine does not have: a rule that means
    ///   nobody is not what was meant.
    init(_ clients: [ClientDocument]?, socketGID: UInt32?) throws(DaemonFailure) {
        var rules: [AccessRule]?
        if let clients {
            rules = []
            for client in clients { rules?.append(try AccessRule(client)) }
        }
        self.init(clients: rules, daemonUID: geteuid(), socketGID: socketGID)
    }
}

extension AccessRule {
    init(_ client: ClientDocument) throws(DaemonFailure) {
        var match = PeerMatch(unit: client.unit, uid: client.uid)
        if let user = client.user {
            guard let uid = UserName.id(of: user) else {
                throw DaemonFailure(.configuration, "\(client.position): clients: there is no user '\(user)'")
            }
            guard match.uid == nil || match.uid == uid else {
                throw DaemonFailure(
                    .configuration,
                    "\(client.position): clients: the user '\(user)' has the uid \(uid), not the one given")
            }
            match.uid = uid
        }
        if let group = client.group {
            guard let gid = GroupName.id(of: group) else {
                throw DaemonFailure(.configuration, "\(client.position): clients: there is no group '\(group)'")
            }
            match.gid = gid
        }
        self.init(
            name: client.name, match: match, actions: Set(client.actions.map(Action.init)),
            scope: AccessScope(tools: client.tools, users: client.users))
    }
}

extension Action {
    init(_ action: ClientDocument.Action) {
        switch action {
        case .authorize: self = .authorize
        case .callback: self = .callback
        case .token: self = .token
        case .refresh: self = .refresh
        case .delete: self = .delete
        case .read: self = .read
        case .import: self = .import
        case .admin: self = .admin
        case .events: self = .events
        case .status: self = .status
        case .metrics: self = .metrics
        }
    }
}
