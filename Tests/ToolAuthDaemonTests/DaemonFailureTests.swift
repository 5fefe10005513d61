import Glibc
import Systemd
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("Why the daemon does not start")
struct DaemonFailureTests {
    @Test(
        "what is wrong with the store has its exit code and its errno",
        arguments: [
            (StoreError.Code.notAccessible, DaemonFailure.Code.store, EACCES), (.inUse, .store, EBUSY),
            (.corrupt, .store, EBADMSG), (.tooNew, .store, EPROTONOSUPPORT), (.key, .configuration, ENOKEY),
            (.io, .store, EIO), (.misuse, .store, ENOTRECOVERABLE),
        ])
    func store(code: StoreError.Code, exit: DaemonFailure.Code, errno: Int32) {
        let failure = DaemonFailure(StoreError(code, "It is so."))
        #expect(failure.code == exit)
        #expect(failure.errno == errno)
        #expect(failure.detail == "It is so.")
    }

    @Test(
        "what is wrong with a socket has its errno",
        arguments: [
            (ListenError.Code.inUse, EADDRINUSE), (.occupied, EEXIST), (.denied, EACCES), (.badPath, ENOENT),
            (.unknownGroup, EINVAL), (.unexpectedSocket, EPROTOTYPE), (.io, EIO),
        ])
    func socket(code: ListenError.Code, errno: Int32) {
        let failure = DaemonFailure(ListenError(code, "It is so."))
        #expect(failure.code == .unavailable)
        #expect(failure.errno == errno)
    }

    @Test("others have the errno of their kind, or the one given")
    func others() {
        #expect(DaemonFailure(.configuration, "").errno == EINVAL)
        #expect(DaemonFailure(.store, "").errno == EIO)
        #expect(DaemonFailure(.unavailable, "").errno == EADDRNOTAVAIL)
        #expect(DaemonFailure(.configuration, "", errno: ENOENT).errno == ENOENT)
    }
}
