import Testing
import ToolAuthCore

@testable import APIServer

@Suite("Access rules")
struct AccessRulesTests {
    private static func peer(_ uid: UInt32, _ groups: [UInt32] = [], unit: String? = nil) -> Peer {
        Peer(pid: 1, uid: uid, gid: uid, groups: groups, unit: unit.map { .named($0) } ?? .outside)
    }

    private static func hidden(_ uid: UInt32, _ groups: [UInt32] = []) -> Peer {
        Peer(pid: 1, uid: uid, gid: uid, groups: groups, unit: .unknown)
    }

    private static func rule(_ name: String, _ match: PeerMatch, _ actions: Set<Action> = [.token]) -> AccessRule {
        AccessRule(name: name, match: match, actions: actions, scope: .all)
    }

    @Test(
        "without clients, root, the daemon's user and the socket's group get through, nobody else",
        arguments: [
            (peer(0), "root"), (peer(990), "own-user"), (peer(991), "socket-group"),
            (peer(1000, [4, 991]), "socket-group"),
            (peer(1000, [4]), nil), (peer(1000, [0, 990]), nil),
        ] as [(Peer, String?)])
    func standard(_ peer: Peer, _ name: String?) throws {
        let rules = AccessRules(clients: nil, daemonUID: 990, socketGID: 991)
        let rule = rules.rule(for: peer)
        #expect(rule?.name == name)
        for action in Action.allCases { #expect(rule?.allows(action) ?? false == (name != nil)) }
    }

    @Test("without a group of the socket, no group gets through")
    func noGroup() {
        let rules = AccessRules(clients: nil, daemonUID: 990, socketGID: nil)
        #expect(rules.rule(for: Self.peer(1000, [0])) == nil)
    }

    @Test("with clients, the socket's group is no rule; root and the daemon's user come last")
    func clients() {
        let rules = AccessRules(
            clients: [Self.rule("nobody-as-root", PeerMatch(uid: 0), [])], daemonUID: 990, socketGID: 991)
        #expect(rules.rule(for: Self.peer(1000, [991])) == nil)
        #expect(rules.rule(for: Self.peer(0))?.name == "nobody-as-root")
        #expect(rules.rule(for: Self.peer(990))?.name == "own-user")
        #expect(AccessRules(clients: [], daemonUID: 990, socketGID: 991).rule(for: Self.peer(1000, [991])) == nil)
    }

    static let rules = AccessRules(
        clients: [
            rule("unit", PeerMatch(unit: "assistants.service")),
            rule("unit-of-user", PeerMatch(unit: "jobs.service", uid: 1001)),
            rule("group-and-user", PeerMatch(uid: 1002, gid: 50)),
            rule("group", PeerMatch(gid: 50)),
            rule("user", PeerMatch(uid: 1003)),
        ], daemonUID: 990, socketGID: nil)

    @Test(
        "the first rule decides of which everything holds",
        arguments: [
            (peer(1000, unit: "assistants.service"), "unit"), (peer(1000, unit: "assistants.service.d"), nil),
            (peer(1000, unit: "Assistants.service"), nil), (peer(1001, unit: "jobs.service"), "unit-of-user"),
            (peer(1000, unit: "jobs.service"), nil), (peer(1001), nil), (peer(1002, [50]), "group-and-user"),
            (peer(1004, [50]), "group"), (peer(1002), nil), (peer(1003, unit: "other.service"), "user"),
            (peer(1003, [50]), "group"), (peer(0, unit: "assistants.service"), "unit"),
        ] as [(Peer, String?)])
    func first(_ peer: Peer, _ name: String?) {
        #expect(Self.rules.rule(for: peer)?.name == name)
    }

    static let mixedRules = AccessRules(
        clients: [
            rule("group", PeerMatch(gid: 50)), rule("unit-of-user", PeerMatch(unit: "jobs.service", uid: 1001)),
            rule("unit-of-group", PeerMatch(unit: "jobs.service", gid: 60)), rule("user", PeerMatch(uid: 1001)),
            rule("other-user", PeerMatch(uid: 1002)), rule("unit-of-root", PeerMatch(unit: "a.service", uid: 0)),
            rule("unit-of-daemon", PeerMatch(unit: "a.service", uid: 990)), rule("everybody", PeerMatch()),
        ], daemonUID: 990, socketGID: 991)

    @Test(
        "whose unit cannot be told gets nothing where a rule may be his, nor by a later one",
        arguments: [
            (hidden(1001), nil), (hidden(1001, [50]), "group"), (hidden(1002), "other-user"), (hidden(1002, [60]), nil),
            (hidden(1003), "everybody"), (hidden(0), nil), (hidden(990), nil), (peer(1001), "user"),
            (peer(990), "everybody"),
        ] as [(Peer, String?)])
    func hiding(_ peer: Peer, _ name: String?) {
        #expect(Self.mixedRules.rule(for: peer)?.name == name)
    }

    @Test("whose unit cannot be told is not root, the daemon's user or in the socket's group where a rule names a unit")
    func hidingFromBuiltIn() {
        for peer in [Self.hidden(0), Self.hidden(990), Self.hidden(1000, [991])] {
            let unit = [Self.rule("unit", PeerMatch(unit: "jobs.service"))]
            #expect(AccessRules(clients: unit, daemonUID: 990, socketGID: 991).rule(for: peer) == nil)
            #expect(AccessRules(clients: nil, daemonUID: 990, socketGID: 991).rule(for: peer) != nil)
        }
    }

    private func client(_ actions: Set<Action>, tools: String = "*", users: String = "*") -> Client {
        let rule = AccessRule(
            name: "agents", match: PeerMatch(uid: 1000), actions: actions,
            scope: AccessScope(tools: [ByteGlob(tools)], users: [ByteGlob(users)]))
        return Client(Self.peer(1000), AccessRules(clients: [rule], daemonUID: 990, socketGID: nil))
    }

    @Test("what a rule does not allow is refused with its name and what is missing")
    func refusals() throws {
        let (tool, user) = (try #require(ToolID("gmail")), try #require(UserID("alice")))
        func message(_ client: Client, _ action: Action) -> String? {
            do throws(ToolAuthError) {
                _ = try client.check(action, toolID: tool, userID: user)
                return nil
            } catch {
                #expect(error.code == .forbidden)
                return error.detail
            }
        }
        #expect(message(client([.token]), .token) == nil)
        #expect(
            message(client([.read]), .token) == "The rule agents of this process does not allow token.")
        #expect(
            message(client([.token], tools: "github"), .token)
                == "The rule agents of this process does not allow token for the tool gmail.")
        #expect(
            message(client([.token], users: "bob"), .token)
                == "The rule agents of this process does not allow token for this user.")
        let stranger = Client(Self.peer(1001), AccessRules(clients: [], daemonUID: 990, socketGID: nil))
        #expect(message(stranger, .read)?.hasPrefix("No rule is for this process") == true)
        #expect(message(Client(nil, Self.rules), .read)?.hasPrefix("No rule is for this process") == true)
    }
}
