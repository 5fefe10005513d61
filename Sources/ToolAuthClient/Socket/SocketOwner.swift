import Glibc

/// Who may connect to a socket, as its file says.
struct SocketOwner: Equatable {
    /// nil: the group has no name.
    var group: String?
    var groupMayConnect: Bool
    /// The calling user; nil: he has no name.
    var caller: String?
    /// Whether the group database lists the caller, whatever groups the process has.
    var listsCaller: Bool

    init(group: String?, groupMayConnect: Bool, caller: String?, listsCaller: Bool) {
        self.group = group
        self.groupMayConnect = groupMayConnect
        self.caller = caller
        self.listsCaller = listsCaller
    }

    /// - Returns: nil if not even the file may be looked at.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let caller = SystemAccounts.userName(geteuid())
        let group = SystemAccounts.group(status.st_gid)
        self.init(
            group: group?.name, groupMayConnect: status.st_mode & S_IWGRP != 0, caller: caller,
            listsCaller: group?.members.contains { $0 == caller } ?? false)
    }

    /// What a user without permission does; nil: the socket's file could not be looked at.
    static func advice(_ owner: SocketOwner?) -> String {
        guard let owner else { return "its directory is closed to you: ask the administrator" }
        guard owner.groupMayConnect, let group = owner.group else { return "only its owner may connect" }
        if owner.listsCaller { return "you joined the group \(group) after you logged in: log in again" }
        let command = "sudo usermod -aG \(group) \(owner.caller ?? "USER")"
        return "members of the group \(group) may connect: \(command), then log in again"
    }
}
