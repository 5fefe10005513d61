import Glibc
import TestSupport
import Testing

@Suite("toolauthctl check")
struct CheckVerbTests {
    @Test("says what toolauthd --check says, and ends as it does, with no daemon about")
    func check() async throws {
        for (file, code) in [("log: {level: debug}\n", Int32(0)), ("log: {level: lots}\n", 78)] {
            let directory = try TemporaryDirectory()
            try DaemonProcess.write(["toolauthd.yaml": file], to: directory)
            let config = directory.file("config")
            var said: [String] = []
            for (program, verb) in [("toolauthctl", "check"), ("toolauthd", "--check")] {
                let process = try ChildProcess(
                    "\(DaemonProcess.programs)/\(program)",
                    [verb, "--config", config, "--state-dir", directory.file("state"), "--catalogue", config])
                #expect(await process.waitForExit() == .code(code), "\(process.standardError)")
                said.append(process.standardOutput + process.standardError)
            }
            #expect(said[0] == said[1])
            #expect(said[0].contains("lots") == (code == 78))
        }
    }

    @Test("says so where there is no toolauthd, neither beside it nor in PATH")
    func missing() async throws {
        let directory = try TemporaryDirectory()
        let copying = try ChildProcess("cp", ["\(DaemonProcess.programs)/toolauthctl", directory.path])
        try #require(await copying.waitForExit() == .code(0))
        let process = try ChildProcess(
            directory.file("toolauthctl"), ["check", "--config", directory.path], environment: ["PATH": directory.path])
        #expect(await process.waitForExit() == .code(66))
        #expect(process.standardOutput == "")
        #expect(
            process.standardError == "Error: there is no toolauthd, neither beside toolauthctl nor in PATH\n")
    }

    @Test("finds toolauthd in PATH where it is not beside it")
    func inPath() async throws {
        let directory = try TemporaryDirectory()
        let copying = try ChildProcess("cp", ["\(DaemonProcess.programs)/toolauthctl", directory.path])
        try #require(await copying.waitForExit() == .code(0))
        let path = try directory.write("#!/bin/sh\nprintf '<%s>' \"$@\"\n", to: "bin/toolauthd")
        chmod(path, 0o755)
        let process = try ChildProcess(
            directory.file("toolauthctl"), ["check", "--config", "a b", "--json", "--", "-x"],
            environment: ["PATH": directory.file("bin") + ":/usr/bin:/bin"])
        #expect(await process.waitForExit() == .code(0))
        #expect(process.standardOutput == "<--check><--config><a b><--json><--><-x>")
    }
}
