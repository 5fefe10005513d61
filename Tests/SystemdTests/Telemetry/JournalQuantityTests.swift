import Logging
import Telemetry
import Testing
import ToolAuthCore

/// What an administrator has to read when much happens at once.
@Suite("Quantities in the journal")
final class JournalQuantityTests {
    private let recorder = LogRecorder()
    private let clock = ManualWallClock()
    private let journal: EventJournal
    private var times: [Timestamp] = []

    init() { journal = EventJournal(logger: recorder.logger(.info), clock: clock) }

    /// Lets the clock run, and the journal write what becomes due meanwhile.
    private func advance(by duration: Duration) {
        let end = clock.now + duration
        while let due = journal.nextFlush, due <= end {
            clock.advance(by: due - clock.now)
            journal.flush()
            note()
        }
        clock.advance(by: end - clock.now)
    }

    /// Takes note of when the new lines were written.
    private func note() {
        times += repeatElement(clock.now, count: recorder.lines.count - times.count)
    }

    /// The most lines that any sixty seconds have.
    private var mostInAMinute: Int {
        var most = 0
        var first = times.startIndex
        for index in times.indices {
            while times[index] >= times[first] + .seconds(60) { first += 1 }
            most = max(most, index - first + 1)
        }
        return most
    }

    private func event(_ kind: ToolAuthEvent.Kind, _ tool: String, _ user: Int) -> ToolAuthEvent {
        var event = ToolAuthEvent(kind, at: clock.now, record: record(tool, "user\(user)"))
        event.endpoint = endpoint(tool)
        if kind == .degraded { event.failure = AttemptFailure(code: "http_503", detail: "Service unavailable.") }
        return event
    }

    private func endpoint(_ tool: String) -> EndpointID {
        EndpointID(tokenEndpoint: "https://id.example.com/token", clientID: tool)
    }

    /// How many grants the lines of a kind stand for.
    private func told(_ id: MessageID, _ name: String) -> Int {
        recorder.lines.reduce(0) { sum, line in
            if line.metadata["MESSAGE_ID"] == id.rawValue { return sum + 1 }
            guard line.metadata["MESSAGE_ID"] == MessageID.floodSummary.rawValue,
                line.metadata["TOOLAUTH_EVENT"] == name
            else { return sum }
            return sum + (Int(line.metadata["TOOLAUTH_COUNT"] ?? "") ?? 0)
        }
    }

    @Test(
        "a provider of 100 000 grants that is away for three hours: below ten lines a minute, and one says how many",
        arguments: [["gmail"], (1...40).map { "tool\($0)" }])
    func outage(tools: [String]) {
        // What is under way when it begins fails, three of each before the breaker opens.
        for tool in tools {
            for user in 0..<3 { journal.record(event(.degraded, tool, user)) }
            journal.record(.endpointFailing(endpoint(tool), of: [key(tool).toolID], nil))
            for user in 3..<16 { journal.record(event(.degraded, tool, user)) }
        }
        note()
        // A probe a minute meets another grant each time.
        for minute in 0..<180 {
            for tool in tools { journal.record(event(.degraded, tool, 16 + minute)) }
            note()
            advance(by: .seconds(60))
        }
        let before = recorder.lines.count
        for tool in tools { journal.record(.endpointRecovered(endpoint(tool), of: [key(tool).toolID], after: nil)) }
        note()
        // All that is late is refreshed, 300 a second.
        for second in 0..<(100_000 / 300) {
            for user in 0..<300 { journal.record(event(.refreshed, tools[0], second * 300 + user)) }
            if second < 196 { for tool in tools { journal.record(event(.recovered, tool, second)) } }
            note()
            advance(by: .seconds(1))
        }
        advance(by: .seconds(120))
        #expect(mostInAMinute < 10)
        let ends = recorder.lines[before...].filter {
            $0.metadata["MESSAGE_ID"] == MessageID.endpointRecovered.rawValue
        }
        #expect(ends.first?.message.contains("after 3 h, in which 193 more grants could not be refreshed") == true)
        // Three hours of outage are a handful of lines.
        #expect(before < 10)
    }

    @Test(
        "100 000 grants revoked at once: below ten lines a minute, which say how many",
        arguments: [(1, false), (1, true), (40, true)] as [(Int, Bool)])
    func revoked(tools: Int, isConfirmed: Bool) {
        // 500 a second are tried; where a provider does not rotate, each is tried once more a minute later.
        for second in 0..<260 {
            for number in 0..<500 {
                let tool = "tool\(number % tools)"
                if second < 200 {
                    let kind: ToolAuthEvent.Kind = isConfirmed ? .degraded : .reauthorizationRequired
                    journal.record(event(kind, tool, second * 500 + number))
                }
                if isConfirmed, second >= 60 {
                    journal.record(event(.reauthorizationRequired, tool, (second - 60) * 500 + number))
                }
            }
            note()
            advance(by: .seconds(1))
        }
        advance(by: .seconds(120))
        #expect(mostInAMinute < 10)
        #expect(told(.reauthorizationRequired, "auth.reauthorization_required") == 100_000)
        #expect(told(.degraded, "auth.degraded") == (isConfirmed ? 100_000 : 0))
        #expect(recorder.messages.contains { $0.contains("more users must connect again within the last minute (") })
    }

    @Test("an endpoint that comes and goes every two seconds: below ten lines a minute")
    func flapping() {
        for _ in 0..<300 {
            journal.record(.endpointFailing(endpoint("gmail"), of: [key("gmail").toolID], nil))
            note()
            advance(by: .seconds(1))
            journal.record(.endpointRecovered(endpoint("gmail"), of: [key("gmail").toolID], after: nil))
            note()
            advance(by: .seconds(1))
        }
        #expect(mostInAMinute < 10)
    }

    @Test("requests that fail by thousands because the store does: below ten lines a minute")
    func storeErrors() {
        for _ in 0..<120 {
            for _ in 0..<1000 { journal.record(.storeErred(what: "what a client asked for", detail: "disk I/O error")) }
            note()
            advance(by: .seconds(1))
        }
        #expect(mostInAMinute < 10)
        advance(by: .seconds(60))
        #expect(told(.storeErred, "storeErred") == 120_000)
    }

    @Test("whose failing an outage hid is told of when it goes on failing alone")
    func goesOnFailing() throws {
        journal.record(.endpointFailing(endpoint("gmail"), of: [key("gmail").toolID], nil))
        journal.record(event(.degraded, "gmail", 1))
        journal.record(event(.degraded, "gmail", 2))
        let failure = AttemptFailure(code: "invalid_scope", detail: "No such scope.")
        func fail(_ user: String) {
            journal.recordAttempt(
                for: key("gmail", user), endedAs: .requestRejected(failure), after: .seconds(1),
                at: endpoint("gmail"), nextAttempt: nil)
        }
        fail("user1")
        #expect(recorder.lines.count == 1)
        journal.record(.endpointRecovered(endpoint("gmail"), of: [key("gmail").toolID], after: nil))
        fail("user1")
        fail("user1")
        fail("user3")
        #expect(
            recorder.messages.dropFirst(2)
                == ["gmail: the token of user1 could not be refreshed: No such scope (invalid_scope)."])
        #expect(recorder.lines.last?.level == .warning)
        // One that is well again is as silent as its failing was; one that was told of is told of again.
        journal.record(event(.recovered, "gmail", 2))
        #expect(recorder.lines.count == 3)
        journal.record(event(.recovered, "gmail", 1))
        #expect(recorder.lines.count == 4)
    }

    @Test("10 000 reads a second: each client and token once, and every read is counted")
    func reads() throws {
        let clients = 20
        let tokens = 25
        let seconds = 15
        for second in 0..<seconds {
            for read in 0..<10_000 {
                let number = read % (clients * tokens)
                journal.recordUse(
                    TokenUse(
                        rule: "assistants", peerPID: Int32(100 + number % clients), peerUID: 1000,
                        peerUnit: "assistants.service", key: key("gmail", "user\(number / clients)"),
                        generation: Int64(second / 10)))
            }
            note()
            advance(by: .seconds(5))
        }
        advance(by: .seconds(120))
        let counts = recorder.lines.map { Int($0.metadata["TOOLAUTH_COUNT"] ?? "") ?? 0 }
        #expect(counts.reduce(0, +) == seconds * 10_000)
        let firsts = recorder.lines.filter { $0.metadata["TOOLAUTH_COUNT"] == "1" }
        #expect(firsts.count == clients * tokens * 2)
        // Each first line, and a sum for each that went on, in the minutes it did.
        #expect(recorder.lines.count <= clients * tokens * (2 + 3))
        for line in recorder.lines {
            for field in [
                "TOOLAUTH_RULE", "TOOLAUTH_PEER_PID", "TOOLAUTH_TOOL", "TOOLAUTH_USER", "TOOLAUTH_GENERATION",
            ] {
                try #require(line.metadata[field] != nil)
            }
        }
    }

    @Test(
        "10 000 processes a second that read once each are a hundred lines a minute and a sum, and none goes uncounted")
    func processes() {
        for second in 0..<20 {
            for process in 0..<10_000 {
                journal.recordUse(
                    TokenUse(
                        rule: "assistants", peerPID: Int32(second * 10_000 + process), peerUID: 1000,
                        peerUnit: "assistants.service", key: key(), generation: 1))
            }
            note()
            advance(by: .seconds(1))
        }
        advance(by: .seconds(120))
        #expect(recorder.lines.count <= 102)
        #expect(recorder.lines.reduce(0) { $0 + (Int($1.metadata["TOOLAUTH_COUNT"] ?? "") ?? 0) } == 200_000)
        #expect(recorder.lines.last?.metadata["TOOLAUTH_PROCESSES"] == "199900")
    }
}
