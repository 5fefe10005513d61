/// The tools and users somebody may know of: what lists, events and status are cut down to.
package struct AccessScope: Sendable, Hashable {
    private let tools: [ByteGlob]
    private let users: [ByteGlob]

    package init(tools: [ByteGlob], users: [ByteGlob]) {
        self.tools = tools
        self.users = users
    }

    /// Every tool and every user.
    package static let all = AccessScope(tools: [ByteGlob("*")], users: [ByteGlob("*")])

    package var coversAllTools: Bool { tools.contains(where: \.matchesAll) }
    package var coversAllUsers: Bool { users.contains(where: \.matchesAll) }

    package func covers(_ toolID: ToolID) -> Bool { tools.contains { $0.matches(toolID.rawValue) } }
    package func covers(_ userID: UserID) -> Bool { users.contains { $0.matches(userID.rawValue) } }
    package func covers(_ key: ToolAuthKey) -> Bool { covers(key.toolID) && covers(key.userID) }

    /// The only user it covers; nil: there may be none or several.
    package var onlyUser: UserID? { users.count == 1 ? users[0].literal.flatMap(UserID.init) : nil }
    /// The only tool it covers; nil: there may be none or several.
    package var onlyTool: ToolID? { tools.count == 1 ? tools[0].literal.flatMap(ToolID.init) : nil }
}
