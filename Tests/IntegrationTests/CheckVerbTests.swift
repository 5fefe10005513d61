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
}
