import Dispatch
import Glibc
import ScriptedSocket
import Testing

@testable import ToolAuthClient

@Suite("Permission")
struct PermissionTests {
    /// setfsuid(2), which the module map leaves out: it makes the calling thread alone somebody else to the file system.
    private static let setFileSystemUser = dlsym(nil, "setfsuid").map {
        unsafeBitCast($0, to: (@convention(c) (uid_t) -> Int32).self)
    }

    /// What `body` returns to a thread that is nobody.
    private func asNobody<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async throws -> Value {
        let become = try #require(Self.setFileSystemUser)
        return await withCheckedContinuation { continuation in
            DispatchQueue(label: "nobody").async {
                _ = become(65534)
                let value = body()
                _ = become(0)
                continuation.resume(returning: value)
            }
        }
    }

    @Test(
        "a socket closed to the caller is told from one that is not there, and its group is named",
        .enabled(if: geteuid() == 0, "only root can become somebody else"))
    func refused() async throws {
        let server = try ScriptedServer { _ in "" }
        defer { server.stop() }
        let directory = String(server.path.dropLast("/api.sock".count))
        #expect(chmod(directory, 0o755) == 0 && chmod(server.path, 0o660) == 0 && chown(server.path, 0, 1) == 0)
        let path = server.path
        let failure = try await asNobody {
            Result { () throws(SocketFailure) in
                try UnixConnection(path: path, deadline: CallDeadline(.seconds(5)), cancellation: CallCancellation())
            }
        }
        #expect(throws: SocketFailure.system(EACCES)) { try failure.get() }
        let owner = try #require(SocketOwner(path: path))
        #expect(owner.group == SystemAccounts.group(1)?.name)
        #expect(owner.groupMayConnect)
        #expect(chmod(path, 0o600) == 0)
        #expect(SocketOwner(path: path)?.groupMayConnect == false)
    }

    @Test(
        "a socket in a directory closed to the caller cannot be looked at",
        .enabled(if: geteuid() == 0, "only root can become somebody else"))
    func closedDirectory() async throws {
        let server = try ScriptedServer { _ in "" }
        defer { server.stop() }
        let path = server.path
        #expect(try await asNobody { SocketOwner(path: path) == nil })
    }
}
