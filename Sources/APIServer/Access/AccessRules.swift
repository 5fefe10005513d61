/// All rules in their order; the first whose match holds decides, without fall-through.
package struct AccessRules: Sendable, Equatable {
    package let rules: [AccessRule]

    /// The rules of `clients`, and after them those that always hold.
    ///
    /// - Parameters:
    ///   - clients: nil: none are configured, and the members of the socket's group may do everything.
    ///   - daemonUID: the daemon's own user, who may do everything, as root may.
    ///   - socketGID: the group that owns the socket's path; nil: none gets through as such.
    package init(clients: [AccessRule]?, daemonUID: UInt32, socketGID: UInt32?) {
        var rules = clients ?? []
        rules.append(.everything("root", PeerMatch(uid: 0)))
        if daemonUID != 0 { rules.append(.everything("own-user", PeerMatch(uid: daemonUID))) }
        if clients == nil, let socketGID {
            rules.append(.everything("socket-group", PeerMatch(gid: socketGID)))
        }
        self.rules = rules
    }

    /// The rule that decides for `peer`; nil: he may do nothing that needs a rule. That is so, too, where a rule may be his
    /// and it cannot be told: nobody comes to a later, wider one by hiding his unit.
    package func rule(for peer: Peer) -> AccessRule? {
        for rule in rules {
            guard let holds = rule.match.holds(for: peer) else { return nil }
            if holds { return rule }
        }
        return nil
    }
}
