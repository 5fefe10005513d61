import ToolAuthCore

/// Who connected, and the rule that is for him, by the rules of the moment he asks.
final class ConnectedClient: Sendable {
    private enum Standing {
        case certain(Client)
        /// It is being asked whether his unit is his.
        case uncertain(Task<Client, Never>)
    }

    /// Whose share of the daemon he uses, as it was when he connected. Found before it is certain that his unit is his: with
    /// the uid in it, nobody uses up what is another's.
    let allowance: Allowances.Holder
    private let peer: Peer?
    private let rules: RulesInForce
    private let isUserOfUnit: @Sendable (String, UInt32) async -> Bool?
    private let judged: Locked<(revision: Int, standing: Standing)>

    init(_ peer: Peer?, _ rules: RulesInForce, _ isUserOfUnit: @escaping @Sendable (String, UInt32) async -> Bool?) {
        self.peer = peer
        self.rules = rules
        self.isUserOfUnit = isUserOfUnit
        let revision = rules.revision
        let current = rules.current
        allowance = Allowances.Holder(rule: peer.flatMap(current.rule(for:))?.name, uid: peer?.uid)
        judged = Locked((revision, Self.judge(peer, current, isUserOfUnit)))
    }

    private static func judge(
        _ peer: Peer?, _ rules: AccessRules, _ isUserOfUnit: @escaping @Sendable (String, UInt32) async -> Bool?
    ) -> Standing {
        let unverified = Client(peer, rules)
        guard let peer, let unit = peer.unit.name, unverified.rule?.match.unit != nil else {
            return .certain(unverified)
        }
        return .uncertain(
            Task {
                guard let isUser = await isUserOfUnit(unit, peer.uid) else {
                    return Client(peer.running(in: .unknown), rules)
                }
                return isUser ? unverified : Client(peer.running(in: .outside), rules)
            })
    }

    private var standing: Standing {
        let revision = rules.revision
        return judged.withLock { judged in
            if judged.revision != revision { judged = (revision, Self.judge(peer, rules.current, isUserOfUnit)) }
            return judged.standing
        }
    }

    /// nil: it is not certain yet that his unit is his.
    var known: Client? {
        if case .certain(let client) = standing { client } else { nil }
    }

    var client: Client {
        get async {
            switch standing {
            case .certain(let client): client
            case .uncertain(let verification): await verification.value
            }
        }
    }
}
