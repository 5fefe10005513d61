import Logging
import Telemetry
import Testing
import ToolAuthCore

@Suite("Token audit")
struct TokenAuditTests {
    private func use(
        rule: String = "assistants", pid: Int32 = 10, tool: String = "gmail", user: String = "alice",
        generation: Int64 = 1
    ) -> TokenUse {
        TokenUse(
            rule: rule, peerPID: pid, peerUID: 1000, peerUnit: "assistants.service", key: key(tool, user),
            generation: generation)
    }

    @Test("a client that asks again for the same token is told of once, then counted")
    func repeats() {
        var audit = TokenAudit()
        #expect(audit.record(use(), at: midnight) == [.first(use())])
        for second in 1...5 { #expect(audit.record(use(), at: midnight + .seconds(second)).isEmpty) }
        #expect(audit.takeRepeats(at: midnight + .seconds(60)).isEmpty)
        #expect(audit.takeRepeats(at: midnight + .seconds(61)) == [.again(use(), count: 5)])
        #expect(audit.takeRepeats(at: midnight + .seconds(200)).isEmpty)
        #expect(audit.record(use(), at: midnight + .seconds(300)).isEmpty)
        #expect(audit.nextRepeats == midnight + .seconds(360))
    }

    @Test("another rule, process, tool, user or token is told of by itself")
    func identities() {
        var audit = TokenAudit()
        let uses = [
            use(), use(rule: "backup"), use(pid: 11), use(tool: "slack"), use(user: "bob"), use(generation: 2),
        ]
        for use in uses { #expect(audit.record(use, at: midnight) == [.first(use)]) }
    }

    @Test("users whose names merely look alike are told apart")
    func canonicalEquivalence() {
        var audit = TokenAudit()
        #expect(audit.record(use(user: "jos\u{e9}"), at: midnight).count == 1)
        #expect(audit.record(use(user: "jose\u{301}"), at: midnight).count == 1)
    }

    @Test("memory is bounded, and what is forgotten too early is told of again")
    func bounded() {
        var audit = TokenAudit(capacity: 10, crowdLimit: .max)
        for pid in 1...1000 {
            _ = audit.record(use(pid: Int32(pid)), at: midnight)
            #expect(audit.count <= 10)
        }
        #expect(audit.record(use(pid: 1), at: midnight) == [.first(use(pid: 1))])
    }

    @Test("a use that goes on is remembered while others come and go")
    func recentlyUsed() {
        var audit = TokenAudit(capacity: 10)
        _ = audit.record(use(pid: 1), at: midnight)
        for pid in 2...1000 {
            _ = audit.record(use(pid: Int32(pid)), at: midnight)
            #expect(!audit.record(use(pid: 1), at: midnight).contains(.first(use(pid: 1))))
        }
    }

    @Test("repeats are told of before their use is forgotten")
    func nothingLost() {
        var audit = TokenAudit(capacity: 4)
        var told = 0
        var handedOut = 0
        for round in 0..<200 {
            for pid in [1, 1, 1, round, round] {
                handedOut += 1
                for line in audit.record(use(pid: Int32(pid)), at: midnight) {
                    switch line {
                    case .first: told += 1
                    case .again(_, let count), .crowd(_, _, let count): told += count
                    }
                }
            }
        }
        for line in audit.takeAll() {
            switch line {
            case .first: told += 1
            case .again(_, let count), .crowd(_, _, let count): told += count
            }
        }
        #expect(told == handedOut)
    }

    @Test("of one process after the other, the first hundred of a minute are told of one by one, the others as one sum")
    func crowd() {
        var audit = TokenAudit()
        let lines = (1...600).flatMap { audit.record(use(pid: $0), at: midnight + .milliseconds(Int64($0))) }
        #expect(lines == (1...100).map { .first(use(pid: $0)) })
        #expect(audit.record(use(pid: 600), at: midnight + .seconds(30)).isEmpty)
        #expect(audit.record(use(pid: 1), at: midnight + .seconds(30)).isEmpty)
        #expect(audit.nextRepeats == midnight + .milliseconds(60_101))
        #expect(
            audit.takeRepeats(at: midnight + .seconds(61))
                == [.again(use(pid: 1), count: 1), .crowd(use(pid: 1), processes: 500, count: 501)])
        #expect(audit.record(use(pid: 700), at: midnight + .seconds(62)) == [.first(use(pid: 700))])
        // One of the crowd that comes back is counted with it.
        #expect(audit.record(use(pid: 600), at: midnight + .seconds(62)).isEmpty)
        #expect(audit.takeAll() == [.crowd(use(pid: 700), processes: 1, count: 1)])
        #expect(audit.nextRepeats == nil)
    }

    @Test("processes of another rule, unit, user or token are no part of a crowd")
    func crowds() {
        var audit = TokenAudit(crowdLimit: 1)
        _ = audit.record(use(pid: 1), at: midnight)
        for other in [use(rule: "backup", pid: 2), use(pid: 3, user: "bob"), use(pid: 4, generation: 2)] {
            #expect(audit.record(other, at: midnight) == [.first(other)])
        }
        #expect(audit.record(use(pid: 5), at: midnight).isEmpty)
    }

    @Test("the sum of a crowd names no process")
    func crowdEntry() {
        let entry = JournalEntry(.crowd(use(), processes: 500, count: 501))
        #expect(
            entry.message == "gmail: the token of alice was handed to 500 more processes (uid 1000, "
                + "assistants.service) by rule assistants 501 times.")
        #expect(entry.fields["TOOLAUTH_PROCESSES"] == "500")
        #expect(entry.fields["TOOLAUTH_PEER_PID"] == nil)
    }

    @Test("a clock set back ends the minute")
    func setBack() {
        var audit = TokenAudit()
        _ = audit.record(use(), at: midnight)
        _ = audit.record(use(), at: midnight)
        #expect(audit.takeRepeats(at: midnight - .seconds(1)) == [.again(use(), count: 1)])
    }

    @Test("sums come in the order of tool, user, process and token")
    func order() {
        var audit = TokenAudit()
        let ordered = [use(), use(generation: 2), use(pid: 11), use(user: "bob"), use(tool: "slack")]
        for use in ordered.reversed() + ordered { _ = audit.record(use, at: midnight) }
        #expect(audit.takeAll() == ordered.map { .again($0, count: 1) })
    }

    @Test("the line says who got whose token by which rule")
    func entry() {
        let entry = JournalEntry(.again(use(), count: 5))
        #expect(
            entry.message == "gmail: the token of alice was handed to process 10 (uid 1000, assistants.service) "
                + "by rule assistants 5 times more.")
        #expect(
            entry.fields == [
                "TOOLAUTH_TOOL": "gmail", "TOOLAUTH_USER": "alice", "TOOLAUTH_GENERATION": "1",
                "TOOLAUTH_RULE": "assistants", "TOOLAUTH_PEER_PID": "10", "TOOLAUTH_PEER_UID": "1000",
                "TOOLAUTH_PEER_UNIT": "assistants.service", "TOOLAUTH_COUNT": "5",
            ])
    }

    @Test("the first line counts as one, and a peer without a unit has none")
    func firstEntry() {
        let use = TokenUse(rule: "root", peerPID: 1, peerUID: 0, peerUnit: nil, key: key(), generation: 3)
        let entry = JournalEntry(.first(use))
        #expect(entry.message == "gmail: the token of alice was handed to process 1 (uid 0) by rule root.")
        #expect(entry.fields["TOOLAUTH_COUNT"] == "1")
        #expect(entry.fields["TOOLAUTH_PEER_UNIT"] == nil)
        #expect(entry.level == .info)
    }
}
