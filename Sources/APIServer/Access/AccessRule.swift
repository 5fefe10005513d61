package import ToolAuthCore

/// What one kind of peer may do: an entry of `clients`, or one of the rules that always hold.
package struct AccessRule: Sendable, Equatable {
    /// For the journal and for whoever is refused.
    package let name: String
    package let match: PeerMatch
    package let actions: Set<Action>
    /// Of which tools and users.
    package let scope: AccessScope

    package init(name: String, match: PeerMatch, actions: Set<Action>, scope: AccessScope) {
        self.name = name
        self.match = match
        self.actions = actions
        self.scope = scope
    }

    /// A rule that allows everything.
    static func everything(_ name: String, _ match: PeerMatch) -> AccessRule {
        AccessRule(name: name, match: match, actions: Set(Action.allCases), scope: .all)
    }

    /// Whether it allows `action`.
    ///
    /// - Parameters:
    ///   - toolID: the tool it is about; nil: not one tool, and what comes of it is cut down to the scope.
    ///   - userID: the user it is about; nil: not one user.
    package func allows(_ action: Action, toolID: ToolID? = nil, userID: UserID? = nil) -> Bool {
        actions.contains(action) && toolID.map(scope.covers) ?? true && userID.map(scope.covers) ?? true
    }
}
