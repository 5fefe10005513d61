import FoundationEssentials
import Glibc
import Testing

@testable import ToolAuthCLI

@Suite("A file that appears when it is whole")
final class NewFileTests {
    private let directory = "/tmp/toolauthctl-files-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] }

    private func make(_ name: String, _ text: String) throws -> String {
        let path = "\(directory)/\(name)"
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }

    /// A file system that has no links says so with one of these.
    @Test(
        "where there are no links, it is renamed, and replaces nothing either", arguments: [EPERM, EOPNOTSUPP, ENOSYS])
    func withoutLinks(number: Int32) throws {
        let from = try make("from", "new")
        func rename(to: String) -> Bool {
            NewFile.renameKeeping(from, to) { _, _ in
                errno = number
                return -1
            }
        }
        let taken = try make("taken", "old")
        #expect(!rename(to: taken))
        #expect(errno == EEXIST)
        #expect(try String(contentsOfFile: taken, encoding: .utf8) == "old")
        #expect(rename(to: "\(directory)/to"))
        #expect(try String(contentsOfFile: "\(directory)/to", encoding: .utf8) == "new")
        #expect(names.sorted() == ["taken", "to"])
    }

    @Test("what else link(2) says is the answer")
    func refused() throws {
        let from = try make("from", "new")
        #expect(!NewFile.renameKeeping(from, "\(directory)/nowhere/to"))
        #expect(errno == ENOENT)
        #expect(names == ["from"])
    }

    @Test("it goes with its last reference, unless it was finished")
    func abandoned() throws {
        do {
            let file = try NewFile("\(directory)/file")
            try file.write(Array("half".utf8))
            #expect(names.count == 1)
        }
        #expect(names.isEmpty)
        let file = try NewFile("\(directory)/file")
        try file.finish(overwriting: false)
        #expect(names == ["file"])
    }

    @Test("there are so many at once at most; one that goes makes way")
    func limit() throws {
        var files: [NewFile] = []
        let failure = #expect(throws: NewFile.Failure.self) {
            for number in 0...FilesOfThisProgram.limit { files.append(try NewFile("\(directory)/\(number)")) }
        }
        guard case .system(_, EMFILE) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        let count = files.count
        #expect(names.count == count)
        files.removeLast()
        files.append(try NewFile("\(directory)/another"))
        files = []
        #expect(names.isEmpty)
    }
}
