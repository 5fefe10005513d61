import ArgumentParser
import Foundation
import Logging
import Telemetry
import TestSupport
import Testing
import ToolAuthCore
import ToolAuthDaemon

@testable import ToolAuthCLI

/// What administrators are told about the journal, against what is written there.
@Suite("Journal catalogue")
struct JournalCatalogueTests {
    /// An entry of `systemd/toolauthd.catalog`.
    struct Entry {
        let id: String
        let headers: [String: String]
        let text: [Substring]

        var commands: [String] {
            text.filter { $0.hasPrefix("    ") }.map { $0.trimmingCharacters(in: .whitespaces) }
        }

        /// The fields that are filled in.
        var fields: Set<String> {
            let all = ([headers["Subject", default: ""]] + text.map(String.init)).joined(separator: "\n")
            return Set(all.matches(of: /@([A-Z_]+)@/).map { String($0.output.1) })
        }
    }

    private static func file(_ path: String) throws -> String {
        try String(contentsOf: URL(filePath: repositoryRoot).appending(path: path), encoding: .utf8)
    }

    private static func catalogue() throws -> [Entry] {
        let lines = try file("systemd/toolauthd.catalog").split(separator: "\n", omittingEmptySubsequences: false)
        let starts = lines.indices.filter { lines[$0].hasPrefix("-- ") }
        return try zip(starts, starts.dropFirst() + [lines.endIndex]).map { start, end in
            let body = lines[(start + 1)..<end]
            let blank = try #require(body.firstIndex(of: ""))
            let headers = body[..<blank].map { $0.split(separator: ":", maxSplits: 1).map(String.init) }
            return Entry(
                id: String(lines[start].dropFirst(3)),
                headers: Dictionary(
                    headers.map { ($0[0], $0[1].trimmingCharacters(in: .whitespaces)) }, uniquingKeysWith: { $1 }),
                text: Array(body[blank...]))
        }
    }

    // MARK: Lines of every kind, with as few fields as they ever have

    private static let start = Timestamp(secondsSinceEpoch: 1_769_817_600)
    private static let endpoint = EndpointID(tokenEndpoint: "https://id.example.com/token", clientID: "client")
    private static let failure = AttemptFailure(code: "timeout", detail: "No reply within 30 s.")

    private static func samples() throws -> [JournalEntry] {
        let tool = try #require(ToolID("gmail"))
        let key = ToolAuthKey(tool, try #require(UserID("alice")))
        return events(tool, key) + daemonEvents(tool, key) + sums(tool, key)
    }

    private static func events(_ tool: ToolID, _ key: ToolAuthKey) -> [JournalEntry] {
        let record = ToolAuthRecord(
            key: key, tokenType: "Bearer", scope: "", obtainedAt: start, expiresAt: nil, hasAccessToken: true,
            hasRefreshToken: false, clientID: "client", tokenOrigin: "https://id.example.com:443", createdAt: start)
        let events = ToolAuthEvent.Kind.allCases.map { kind in
            switch kind {
            case .configurationReloaded: ToolAuthEvent(kind, at: start, toolID: nil, detail: nil)
            case .toolPaused, .toolResumed: ToolAuthEvent(kind, at: start, toolID: tool, detail: nil)
            default: ToolAuthEvent(kind, at: start, record: record)
            }
        }
        var refused = ToolAuthEvent(.toolPaused, at: start, toolID: tool, detail: nil)
        refused.failure = failure
        let failing = JournalEntry(
            failing: key, .ambiguous(failure), after: nil, at: nil, nextAttempt: nil)
        let attempt = JournalEntry(
            attemptFor: key, endedAs: .unrefreshable, after: nil, at: nil, nextAttempt: nil)
        return (events + [refused]).map { JournalEntry($0) } + [failing, attempt]
    }

    private static func daemonEvents(_ tool: ToolID, _ key: ToolAuthKey) -> [JournalEntry] {
        let administrator = Administrator(uid: nil, pid: nil, rule: "root")
        let events: [DaemonEvent] = [
            .started(version: "1"), .ready(after: .seconds(1)), .stopping(reason: "SIGTERM"),
            .storeRefused(code: "io", detail: ""), .configurationError(detail: ""), .internalError(detail: ""),
            .settingIgnored(detail: ""), .noProgress(parts: ["store"]), .managerNotTold(variable: "READY", detail: ""),
            .unitRulesOff(unit: "a.service", detail: ""), .revoked(key), .held(reason: ""), .resumed,
            .storeFailing(detail: ""), .storeRecovered, .scanFailed(detail: ""), .storeErred(what: "", detail: ""),
            .backupTaken(uid: 0, pid: 1, rule: "root"), .backupTaken(uid: nil, pid: nil, rule: "root"),
            .keyAdded("k", by: administrator), .keyRetired("k", by: administrator),
            .keyRotationStarted(to: "k", count: 1, by: administrator),
            .keyRotationStarted(to: "k", count: 2, by: nil), .keyRotationEnded(to: "k", resealed: 1, unopened: 0),
            .keyRotationEnded(to: "k", resealed: 2, unopened: 1), .keyRotationFailed(detail: ""),
            .tokensLost(key), .recordFailing(key, detail: "", holdsTokens: true),
            .recordFailing(key, detail: "", holdsTokens: false), .endpointFailing(endpoint, of: [tool, tool], nil),
            .endpointRecovered(endpoint, of: [tool, tool], after: nil), .clockStepped(by: .seconds(1)),
            .clockWasAhead(by: .seconds(1)), .providerClockSkewed(endpoint: "", by: .seconds(90)),
        ]
        return events.map { JournalEntry($0) }
    }

    private static func sums(_ tool: ToolID, _ key: ToolAuthKey) -> [JournalEntry] {
        let use = TokenUse(rule: "root", peerPID: 1, peerUID: 0, peerUnit: nil, key: key, generation: 1)
        let lines: [TokenAudit.Line] = [.first(use), .again(use, count: 2), .crowd(use, processes: 2, count: 2)]
        let flood = FloodGuard.Summary(
            kind: .endpointFailing, level: .warning, tools: [], count: 2, total: 2, since: start)
        return lines.map { JournalEntry($0) }
            + [JournalEntry(flood), JournalEntry(RefreshTally.Summary(toolID: tool, count: 2))]
    }

    // MARK: The catalogue

    @Test("every kind of line has one entry, and every entry is of a kind of line")
    func entries() throws {
        let ids = try Self.catalogue().map(\.id)
        #expect(Set(ids) == Set(MessageID.allCases.map(\.rawValue)))
        #expect(ids.count == Set(ids).count)
        #expect(Set(try Self.samples().map(\.messageID)) == Set(MessageID.allCases), "the samples here are all kinds")
    }

    @Test("nothing is told to the journal at the usual level without an id")
    func noLineWithoutID() throws {
        let sources = URL(filePath: repositoryRoot).appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
        #expect(files.count > 100)
        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            let calls = text.matches(of: /logger\.(info|notice|warning|error|critical)\(/)
            #expect(calls.isEmpty, "\(file.lastPathComponent)")
        }
    }

    @Test("an entry says in one line what it is about, whose it is and where to read on, and then what to do")
    func parts() throws {
        for entry in try Self.catalogue() {
            #expect(!entry.headers["Subject", default: ""].isEmpty)
            #expect(entry.headers["Subject", default: ""].hasSuffix(".") == false)
            #expect(entry.headers["Defined-By"] == "toolauthd")
            #expect(Set(entry.headers.keys) == ["Subject", "Defined-By", "Support", "Documentation"])
            let text = entry.text.joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
            let paragraphs = text.components(separatedBy: "\n\n")
            #expect(paragraphs.count >= 2, "what it means, and what to do: \(entry.id)")
            #expect(entry.text.allSatisfy { $0.count <= 80 || $0.hasPrefix("    ") }, "\(entry.id)")
        }
    }

    @Test("what an entry fills in is set by every line of its kind")
    func fields() throws {
        let samples = try Self.samples()
        for entry in try Self.catalogue() {
            for sample in samples where sample.messageID.rawValue == entry.id {
                let set = Set(sample.fields.keys).union(sample.tools.isEmpty ? [] : [JournalField.tool])
                let unset = entry.fields.subtracting(set)
                #expect(unset.isEmpty, "\(sample.messageID): \(sample.message)")
            }
        }
    }

    @Test("the commands that it names exist, with these options and arguments")
    func commands() throws {
        let commands = try Self.catalogue().flatMap(\.commands)
        #expect(commands.count > 40)
        for command in commands { try check(command) }
    }

    private func check(_ command: String) throws {
        let filled = command.replacing("@TOOLAUTH_TOOL@", with: "gmail").replacing("@TOOLAUTH_USER@", with: "alice")
        #expect(!filled.contains("@"), "\(command)")
        var words = filled.split(separator: " ").map(String.init)
        switch words.removeFirst() {
        case "toolauthctl":
            #expect(throws: Never.self, "\(command)") { _ = try Toolauthctl.parseAsRoot(words) }
        case "toolauthd":
            // ArgumentParser ends the version and the help by throwing, with success.
            do { _ = try DaemonCommand.parse(words) } catch { #expect(DaemonCommand.exitCode(for: error) == .success) }
        case "systemctl":
            #expect(["status", "start", "restart", "reload", "cat"].contains(words.first), "\(command)")
            let unit = try #require(words.last)
            let units = try FileManager.default.contentsOfDirectory(
                atPath: URL(filePath: repositoryRoot).appending(path: "systemd").path)
            #expect((units + ["dbus.service"]).contains(unit), "\(command)")
        case "journalctl":
            let known = Set(try Self.samples().flatMap { $0.fields.keys } + [JournalField.messageID])
            for word in words where word.contains("=") {
                let match = word.split(separator: "=").map(String.init)
                #expect(known.contains(match[0]), "\(command)")
                if match[0] == JournalField.messageID { #expect(MessageID(rawValue: match[1]) != nil, "\(command)") }
            }
        case "df", "ls":
            #expect(words.last == "/var/lib/toolauthd", "\(command)")
        case "timedatectl":
            #expect(words == ["status"])
        default:
            Issue.record("an unknown program: \(command)")
        }
    }

    // MARK: docs/journal.md

    @Test("the table of the guide has a row for each kind, with its name, level and id")
    func table() throws {
        let rows = try Self.file("docs/journal.md").split(separator: "\n")
            .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
            .filter { $0.count == 4 && $0[3].wholeMatch(of: /`[0-9a-f]{32}`/) != nil }
        #expect(rows.map { $0[3].filter { $0 != "`" } } == (try Self.catalogue().map(\.id)))
        let samples = try Self.samples()
        for row in rows {
            let id = try #require(MessageID(rawValue: row[3].filter { $0 != "`" }))
            let kind = ToolAuthEvent.Kind.allCases.first { $0.messageID == id }
            #expect(row[0] == kind?.rawValue ?? "\(id)")
            guard id != .floodSummary else { continue }
            let levels = Set(samples.filter { $0.messageID == id }.map(\.level))
            let named = Logger.Level.allCases.filter { level in
                row[1].split(whereSeparator: { !$0.isLetter }).contains { $0 == level.rawValue }
            }
            #expect(Set(named) == levels, "\(id)")
        }
    }

    @Test("the commands of the guide's table exist")
    func tableCommands() throws {
        let guide = try Self.file("docs/journal.md")
        let commands = guide.matches(of: /`((toolauthctl|systemctl|timedatectl) [^`]*)`/).map { String($0.output.1) }
        #expect(commands.count > 20)
        for command in commands {
            try check(command.replacing(" TOOL", with: " gmail").replacing(" USER", with: " alice"))
        }
    }

    @Test("the fields of the guide are those that lines have")
    func guideFields() throws {
        let guide = try Self.file("docs/journal.md")
        let named = Set(guide.matches(of: /`(TOOLAUTH_[A-Z_]+)`/).map { String($0.output.1) })
        let known = [
            JournalField.tool, JournalField.user, JournalField.event, JournalField.outcome, JournalField.error,
            JournalField.reason, JournalField.endpoint, JournalField.generation, JournalField.expiresAt,
            JournalField.nextAttempt, JournalField.durationUsec, JournalField.stepUsec, JournalField.count,
            JournalField.total, JournalField.rule, JournalField.peerPID, JournalField.peerUID, JournalField.peerUnit,
            JournalField.processes, JournalField.keyID, JournalField.version,
        ]
        #expect(named == Set(known))
        #expect(Set(try Self.samples().flatMap(\.fields.keys)).isSubset(of: known))
    }
}
