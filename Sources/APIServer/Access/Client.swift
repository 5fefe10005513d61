import ToolAuthCore

/// Who asks, and the rule that decides what he may do.
struct Client: Sendable {
    /// nil: the kernel would not say.
    let peer: Peer?
    /// nil: he may do nothing that needs a rule.
    let rule: AccessRule?

    init(_ peer: Peer?, _ rules: AccessRules) {
        self.peer = peer
        rule = peer.flatMap(rules.rule(for:))
    }

    /// - Returns: the rule, if it allows `action`.
    /// - Throws: `forbidden`, naming the rule, so that an administrator finds it.
    func check(_ action: Action, toolID: ToolID? = nil, userID: UserID? = nil) throws(ToolAuthError) -> AccessRule {
        guard let rule else {
            throw ToolAuthError(
                .forbidden,
                "No rule is for this process; an administrator can add one under clients in toolauthd.yaml.")
        }
        if rule.allows(action, toolID: toolID, userID: userID) { return rule }
        let what: String
        if !rule.actions.contains(action) {
            what = action.rawValue
        } else if let toolID, !rule.scope.covers(toolID) {
            what = "\(action.rawValue) for the tool \(toolID)"
        } else {
            what = "\(action.rawValue) for this user"
        }
        throw ToolAuthError(.forbidden, "The rule \(rule.name) of this process does not allow \(what).")
    }
}
