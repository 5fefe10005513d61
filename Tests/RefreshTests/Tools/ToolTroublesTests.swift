import Refresh
import Testing
import ToolAuthCore

@Suite("A tool's troubles")
final class ToolTroublesTests {
    var troubles = ToolTroubles()

    func note(_ outcome: RefreshOutcome, _ user: String, population: Int = 3) -> ToolPause.Kind? {
        troubles.note(outcome, of: key(user), population: population)
    }

    @Test("a refused client is the tool's affair once two records met it")
    func client() {
        #expect(note(.clientRejected(failure), "alice") == nil)
        #expect(note(.clientRejected(failure), "alice") == nil)
        #expect(note(.clientRejected(failure), "bob") == .clientRejected)
    }

    @Test("where there is one record, it alone tells")
    func onlyOne() {
        #expect(note(.clientRejected(failure), "alice", population: 1) == .clientRejected)
    }

    @Test("a refused request is the tool's affair once three records met it, never one record's alone")
    func request() {
        for _ in 0..<5 { #expect(note(.requestRejected(failure), "alice", population: 1) == nil) }
        #expect(note(.requestRejected(failure), "bob") == nil)
        #expect(note(.requestRejected(failure), "user-3") == .requestRejected)
    }

    @Test("a success between shows that it was the records'")
    func interrupted() {
        _ = note(.clientRejected(failure), "alice")
        _ = note(.requestRejected(failure), "alice")
        #expect(note(.refreshed(reply(at: start)), "bob") == nil)
        #expect(troubles == ToolTroubles())
    }

    @Test("a refused grant shows that its client is accepted")
    func acceptedClient() {
        _ = note(.clientRejected(failure), "alice")
        #expect(note(.grantRejected(failure), "bob") == nil)
        #expect(note(.clientRejected(failure), "bob") == nil)
    }

    @Test(
        "what is nobody's fault says nothing of the tool",
        arguments: [
            RefreshOutcome.ambiguous(failure), .transient(failure, retryAfter: nil, atEndpoint: true), .unrefreshable,
            .malformed(failure, refreshToken: nil),
        ])
    func silent(outcome: RefreshOutcome) {
        for user in ["a", "b", "c", "d"] { #expect(note(outcome, user) == nil) }
    }
}
