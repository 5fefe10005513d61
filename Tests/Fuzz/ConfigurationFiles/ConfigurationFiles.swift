import FuzzSupport
import Glibc
package import Providers
import ToolAuthCore

/// A configuration directory in memory, of which some files are the input.
package struct ConfigurationFiles {
    private let directory: String

    /// - Parameter names: the files that ``load(_:)`` writes, in order.
    package init() {
        var template = Array("/dev/shm/toolauthd-fuzz-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { fatalError("no directory: errno \(errno)") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for name in ["providers.d", "tools.d"] { mkdir("\(directory)/\(name)", 0o700) }
        unlinkAtExit = directory
        atexit { ConfigurationFiles.remove(unlinkAtExit) }
    }

    package func write(_ name: String, _ bytes: some Collection<UInt8>) {
        let path = "\(directory)/\(name)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let bytes = Array(bytes)
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            fatalError("\(path) cannot be written: errno \(errno)")
        }
        close(descriptor)
    }

    /// Loads it as the daemon does, and checks what must hold whatever the files say.
    ///
    /// - Parameter mayShow: whether the canary stands where it is no secret.
    /// - Returns: nil where the daemon would not start.
    @discardableResult
    package func load(mayShow: Bool) -> LoadedConfiguration? {
        let loaded: LoadedConfiguration
        let problems: [ConfigurationProblem]
        do throws(ConfigurationError) {
            loaded = try ConfigurationLoader.load(directory: directory, catalogue: nil, secretSource: FixedSecrets())
            problems = loaded.problems
        } catch {
            expect(!error.problems.isEmpty, "a start is refused without a reason")
            check(error.problems, mayShow: mayShow)
            return nil
        }
        check(problems, mayShow: mayShow)
        for tool in loaded.unavailable {
            expect(!tool.reason.isEmpty, "a tool is unavailable without a reason")
            expect(mayShow || !Canary.isIn(tool.reason), "a reason shows a secret: \(tool.reason)")
        }
        let usable = Set(loaded.tools.map(\.id))
        expect(usable.count == loaded.tools.count, "a tool twice")
        expect(
            !loaded.unavailable.contains { $0.toolID.map(usable.contains) ?? false }, "usable and unavailable at once")
        for provider in loaded.providers { expect(provider.problem?.isEmpty != true, "a problem that says nothing") }
        return loaded
    }

    private func check(_ problems: [ConfigurationProblem], mayShow: Bool) {
        for problem in problems {
            let text = problem.description
            expect(!problem.message.isEmpty, "a problem that says nothing")
            expect(problem.position.file.hasPrefix(directory), "a problem elsewhere: \(text)")
            expect(problem.position.line > 0 && problem.position.column > 0, "a problem at no place: \(text)")
            expect(mayShow || !Canary.isIn(text), "a problem shows a secret: \(text)")
        }
    }

    private static func remove(_ directory: String) {
        for name in ["toolauthd.yaml", "providers.d/input.yaml", "tools.d/input.yaml"] {
            unlink("\(directory)/\(name)")
        }
        for name in ["providers.d", "tools.d", ""] { rmdir("\(directory)/\(name)") }
    }
}

// Unsafe, because a C function cannot capture: written by the one thread there is, before it is read at the end.
nonisolated(unsafe) private var unlinkAtExit = ""

private struct FixedSecrets: SecretSource {
    func credential(named name: String) throws(SecretFailure) -> Secret? {
        name == "missing" ? nil : Secret("s3cret\n")
    }

    func environmentVariable(named name: String) -> Secret? { nil }
}
