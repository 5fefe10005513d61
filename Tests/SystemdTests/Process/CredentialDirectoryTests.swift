import Glibc
import TestSupport
import Testing
import ToolAuthCore

@testable import Systemd

@Suite("Credentials")
struct CredentialDirectoryTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }
    private var credentials: CredentialDirectory { CredentialDirectory(path: directory.path) }

    @Test(
        "a credential is its bytes, whatever they are",
        arguments: [[], [0x61], [0, 0xff, 0x0a], Array("k1:AAAA\n".utf8)])
    func contents(bytes: [UInt8]) throws {
        writeFile(directory.file("toolauthd.key"), bytes)
        #expect(try credentials.read("toolauthd.key") == Secret(bytes))
    }

    @Test("a credential that is missing is nil")
    func missing() throws {
        #expect(try credentials.read("toolauthd.key") == nil)
    }

    @Test(
        "a name is a file's name, not a path",
        arguments: [
            "", ".", "..", "a/b", "../key", "/etc/passwd", "a\0b", "a b", "a\nb", "a:b", "é",
            String(repeating: "a", count: 256),
        ])
    func names(name: String) {
        let error = #expect(throws: CredentialError.self) { try credentials.read(name) }
        #expect(error?.code == .invalidName)
    }

    @Test("a credential of 1 MiB is read, and a larger one is refused", arguments: [0, 1])
    func size(excess: Int) throws {
        writeFile(directory.file("big"), [UInt8](repeating: 7, count: (1 << 20) + excess))
        if excess == 0 {
            #expect(try credentials.read("big")?.count == 1 << 20)
        } else {
            let error = #expect(throws: CredentialError.self) { try credentials.read("big") }
            #expect(error?.code == .tooLarge)
            #expect(error?.description == "the credential “big” is larger than 1 MiB")
        }
    }

    @Test("what is no file is refused, and does not hang", arguments: ["d", "fifo", "socket"])
    func noFile(name: String) throws {
        #expect(mkdir(directory.file("d"), 0o700) == 0)
        #expect(mkfifo(directory.file("fifo"), 0o600) == 0)
        var address = try #require(UnixSocketAddress(directory.file("socket")))
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        #expect(address.bindPrivately(descriptor) == 0)
        let error = #expect(throws: CredentialError.self) { try credentials.read(name) }
        #expect(error?.code == .unreadable)
    }

    @Test("one that may not be read is told apart from one that is missing", .enabled(if: geteuid() == 0))
    func unreadable() async {
        writeFile(directory.file("key"), [1], mode: 0o000)
        #expect(chmod(directory.path, 0o755) == 0)
        await #expect(processExitsWith: .success) { [path = directory.path as String] in
            guard setuid(65_534) == 0 else { exit(1) }
            do {
                _ = try CredentialDirectory(path: path).read("key")
                exit(2)
            } catch let error as CredentialError {
                let expected = "the credential “key” cannot be opened: Permission denied"
                exit(error.code == .unreadable && error.description == expected ? 0 : 3)
            }
        }
    }

    @Test(
        "the directory is the one systemd names, by an absolute path",
        arguments: [("", false), ("/run/credentials/toolauthd.service", true), ("relative", false)])
    func environment(value: String, isSet: Bool) async {
        await #expect(processExitsWith: .success) { [value, isSet] in
            if value.isEmpty { unsetenv("CREDENTIALS_DIRECTORY") } else { setenv("CREDENTIALS_DIRECTORY", value, 1) }
            exit((CredentialDirectory.fromEnvironment() != nil) == isSet ? 0 : 1)
        }
    }
}
