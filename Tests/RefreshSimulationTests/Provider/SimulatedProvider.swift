import ToolAuthCore

/// An authorization server: grants, rotation, reuse detection, and moods.
final class SimulatedProvider {
    enum Mood: Equatable {
        case healthy
        /// No connection can be made.
        case unreachable
        /// 503 to everybody.
        case failing
        /// Takes requests and never answers; half of them it processes.
        case silent
        /// 429, and a Retry-After.
        case limiting(Duration)
        /// Does what it is asked, and the reply is lost.
        case losingReplies
        /// `invalid_client` to everybody.
        case rejectingClient
    }

    enum Answer {
        case tokens(access: String, refresh: String?)
        case invalidGrant
        case invalidClient
        case unavailable
        case tooMany(Duration)
    }

    struct Grant {
        let user: UserID
        var isAlive = true
        var current: String
        /// Spent refresh tokens, and when they were used first.
        var spent: [String: Int64] = [:]
        var access: String
    }

    let tool: ToolID
    let policy: RefreshPolicy
    let lifetime: Duration
    var mood = Mood.healthy
    var disturbances = Disturbances()
    private(set) var grants: [Int: Grant] = [:]
    private var owner: [String: Int] = [:]
    private(set) var issuedAccess: Set<String> = []
    private var minted = 0
    /// Grants that ended because a spent refresh token came back.
    private(set) var killedByReuse: Set<Int> = []

    init(tool: ToolID, policy: RefreshPolicy, lifetime: Duration) {
        self.tool = tool
        self.policy = policy
        self.lifetime = lifetime
    }

    /// A user consents.
    func consent(_ user: UserID) -> (grant: Int, access: String, refresh: String) {
        minted += 1
        let id = minted
        let grant = Grant(user: user, current: "r\(tool)-\(id).0", access: "a\(tool)-\(id).0")
        grants[id] = grant
        owner[grant.current] = id
        issuedAccess.insert(grant.access)
        return (id, grant.access, grant.current)
    }

    func end(_ grant: Int) { grants[grant]?.isAlive = false }

    func grant(of refreshToken: String) -> (id: Int, grant: Grant)? {
        owner[refreshToken].flatMap { id in grants[id].map { (id, $0) } }
    }

    /// A refresh request arrives.
    func receive(_ refreshToken: String, at instant: Int64) -> Answer {
        switch mood {
        case .failing, .unreachable: return .unavailable
        case .limiting(let wait): return .tooMany(wait)
        case .rejectingClient: return .invalidClient
        case .healthy, .silent, .losingReplies: break
        }
        guard let id = owner[refreshToken], var grant = grants[id], grant.isAlive else { return .invalidGrant }
        if let usedAt = grant.spent[refreshToken] {
            switch policy.rotation {
            case .none: break
            case .rotating: break
            case .singleUse:
                guard instant - usedAt < policy.replayWindow.wholeMilliseconds else {
                    grant.isAlive = false
                    grants[id] = grant
                    killedByReuse.insert(id)
                    return .invalidGrant
                }
                // The same successor again.
                return .tokens(access: grant.access, refresh: grant.current)
            }
        }
        minted += 1
        grant.access = "a\(tool)-\(id).\(minted)"
        issuedAccess.insert(grant.access)
        var renewed: String?
        if policy.rotation != .none {
            let successor = "r\(tool)-\(id).\(minted)"
            grant.spent[refreshToken] = grant.spent[refreshToken] ?? instant
            grant.current = successor
            owner[successor] = id
            renewed = successor
        }
        grants[id] = grant
        return .tokens(access: grant.access, refresh: renewed)
    }
}
