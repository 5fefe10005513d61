import Glibc
import Testing

@testable import Systemd

@Suite("Process hardening")
struct ProcessHardeningTests {
    @Test("the process leaves no core and its memory is nobody else's")
    func forbidsDumps() async {
        await #expect(processExitsWith: .success) {
            guard dumpable() == 1 else { exit(1) }
            try ProcessHardening.forbidDumps()
            guard dumpable() == 0 else { exit(2) }
            guard line(of: "/proc/self/limits", startingWith: "Max core file size ") == ["0", "0", "bytes"] else {
                exit(3)
            }
            exit(0)
        }
    }

    @Test(
        "a crash ends the process, and nobody is there to report what was in its memory",
        arguments: [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV, SIGSYS])
    func forbidsReports(number: CInt) async {
        await #expect(processExitsWith: .signal(number)) { [number = number as CInt] in
            // As Swift's runtime does where it finds its reporter, but that this handler would be known by the end.
            signal(number) { _ in exit(1) }
            try ProcessHardening.forbidDumps()
            // Dispatch's threads block some of them.
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, number)
            pthread_sigmask(SIG_UNBLOCK, &signals, nil)
            raise(number)
            exit(2)
        }
    }
}

/// `prctl(PR_GET_DUMPABLE)`; looked up, since Swift does not call variadic functions.
private func dumpable() -> CInt {
    typealias Function = @convention(c) (CInt, CUnsignedLong, CUnsignedLong, CUnsignedLong, CUnsignedLong) -> CInt
    let getDumpable: CInt = 3  // PR_GET_DUMPABLE
    guard let symbol = dlsym(nil, "prctl") else { return -1 }
    return unsafeBitCast(symbol, to: Function.self)(getDumpable, 0, 0, 0, 0)
}

/// The words after `prefix` on the line that begins with it.
private func line(of path: String, startingWith prefix: String) -> [Substring]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 16_384)
    let count = read(descriptor, &bytes, bytes.count)
    guard count > 0 else { return nil }
    return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
        .first { $0.hasPrefix(prefix) }?.dropFirst(prefix.count).split(separator: " ")
}
