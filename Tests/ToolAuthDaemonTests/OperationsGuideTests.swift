import Foundation
import TestSupport
import Testing
import ToolAuthCLI
import ToolAuthCore

@testable import ToolAuthDaemon

/// What `docs/operations.md` says of sentences and exit statuses, against what is said.
@Suite("Operations guide")
struct OperationsGuideTests {
    private static func guide() throws -> String {
        try String(contentsOf: URL(filePath: repositoryRoot).appending(path: "docs/operations.md"), encoding: .utf8)
    }

    /// The first cells of the table whose head begins so.
    private static func column(_ head: String) throws -> [String] {
        let lines = try guide().split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("| \(head) |") })
        return lines[(start + 2)...].prefix { $0.hasPrefix("|") }
            .map { $0.split(separator: "|")[0].trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
    }

    @Test("every exit status has its line, and no line is of none")
    func exitStatuses() throws {
        // 64 is the argument parser's.
        let daemons = [64] + [DaemonFailure.Code.unavailable, .store, .configuration].map(\.rawValue)
        #expect(try Self.column("exit status of toolauthd") == daemons.map(String.init))
        #expect(try Self.column("exit status of toolauthctl") == ExitStatus.allCases.map { String($0.rawValue) })
    }

    @Test("every part of the sentence of systemctl status has its line, in its order")
    func sentences() throws {
        let status = StatusTests().status
        let hold = StoreHold.restored.sentence.split(separator: ";").first.map(String.init)
        let tools: [(String, ToolSummary.Status, StatusCounts)] = [
            ("mail", .available, .init(healthy: 7, degraded: 2, needsReauthorization: 1)),
            ("slack", .unavailable, .init()), ("drive", .paused, .init()),
        ]
        let sentences = [
            status([], nil, nil, nil, 0),
            status([("mail", .available, .init()), ("slack", .available, .init())], nil, nil, nil, 0),
            status([("mail", .available, .init(healthy: 3))], nil, nil, nil, 0),
            status(tools, Fixture.noon, nil, nil, 0),
            status([("mail", .available, .init(healthy: 3))], nil, hold, "no room", 2),
        ]
        let parts = sentences.map(StatusSentence.make).flatMap {
            $0.dropLast().split(separator: "; ").map(String.init)
        }
        #expect(try Self.column("it says") == parts.filter { !$0.hasPrefix("0 of ") })
    }
}
