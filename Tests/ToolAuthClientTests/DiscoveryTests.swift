import Glibc
import Testing

@testable import ToolAuthClient

@Suite("Finding the daemon")
struct DiscoveryTests {
    static let userSocket = "/run/user/1000/toolauthd/api.sock"

    @Test(
        "explicit, then TOOLAUTH_SOCKET, then the user's socket if there is one, then the system's",
        arguments: [
            ("/x", ["TOOLAUTH_SOCKET": "/y", "XDG_RUNTIME_DIR": "/run/user/1000"], true, "/x"),
            (nil, ["TOOLAUTH_SOCKET": "/y", "XDG_RUNTIME_DIR": "/run/user/1000"], true, "/y"),
            (nil, ["TOOLAUTH_SOCKET": "", "XDG_RUNTIME_DIR": "/run/user/1000"], true, userSocket),
            (nil, ["XDG_RUNTIME_DIR": "/run/user/1000"], true, userSocket),
            (nil, ["XDG_RUNTIME_DIR": "/run/user/1000"], false, "/run/toolauthd/api.sock"),
            (nil, ["XDG_RUNTIME_DIR": "run/user/1000"], true, "/run/toolauthd/api.sock"),
            (nil, ["XDG_RUNTIME_DIR": ""], true, "/run/toolauthd/api.sock"),
            (nil, [:], true, "/run/toolauthd/api.sock"),
        ] as [(String?, [String: String], Bool, String)])
    func order(_ explicit: String?, _ environment: [String: String], _ exists: Bool, _ expected: String) {
        let path = ToolAuthClient.discoveredPath(explicit: explicit, environment: { environment[$0] }) { _ in exists }
        #expect(path == expected)
    }

    @Test(
        "advice fits the daemon that was expected",
        arguments: [
            ("/run/toolauthd/api.sock", ECONNREFUSED, "systemctl start toolauthd"),
            ("/run/toolauthd/api.sock", ENOENT, "systemctl start toolauthd"),
            (userSocket, ECONNREFUSED, "systemctl --user start toolauthd"),
            ("/tmp/x.sock", ENOENT, "start the daemon that listens there, or name another socket with TOOLAUTH_SOCKET"),
            ("/run/toolauthd/api.sock", ECONNRESET, "journalctl -u toolauthd tells why"),
            (userSocket, ECONNRESET, "journalctl --user -u toolauthd tells why"),
            ("/tmp/x.sock", EPROTOTYPE, "that socket is of another kind; toolauthd's is a stream socket"),
            ("/tmp/x.sock", ENAMETOOLONG, "a socket's path has at most 107 bytes"),
            ("/tmp/x.sock", EMFILE, "too many files are open in this process, or on this machine"),
        ])
    func advice(_ path: String, _ code: Int32, _ expected: String) {
        #expect(connectAdvice(path: path, errno: code, runtimeDirectory: "/run/user/1000", owner: nil) == expected)
    }

    @Test(
        "where permission is refused, the group that has it is named",
        arguments: [
            (nil, "its directory is closed to you: ask the administrator"),
            (
                SocketOwner(group: "toolauth", groupMayConnect: false, caller: "alice", listsCaller: false),
                "only its owner may connect"
            ),
            (
                SocketOwner(group: "toolauth", groupMayConnect: true, caller: "alice", listsCaller: false),
                "members of the group toolauth may connect: sudo usermod -aG toolauth alice, then log in again"
            ),
            (
                SocketOwner(group: "toolauth", groupMayConnect: true, caller: "alice", listsCaller: true),
                "you joined the group toolauth after you logged in: log in again"
            ),
            (
                SocketOwner(group: nil, groupMayConnect: true, caller: nil, listsCaller: false),
                "only its owner may connect"
            ),
        ] as [(SocketOwner?, String)])
    func permission(_ owner: SocketOwner?, _ expected: String) {
        #expect(connectAdvice(path: "/x", errno: EACCES, runtimeDirectory: nil, owner: owner) == expected)
    }

    @Test("the machine's databases are read")
    func accounts() throws {
        #expect(SystemAccounts.userName(0) == "root")
        #expect(SystemAccounts.group(0)?.name == "root")
        #expect(SystemAccounts.userName(4_000_000_001) == nil)
    }
}
