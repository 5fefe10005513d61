import Refresh
import Testing
import ToolAuthCore

@Suite("A tool's troubles")
final class ToolTroublesTests {
    var troubles = ToolTroubles()
    /// As the provider gives it.
    let refusal = AttemptFailure(code: "invalid_request", detail: "It is so.", providerStatus: 400)

    func note(
        _ outcome: RefreshOutcome, _ user: String, population: Int = 3, sharesEndpoint: Bool = true
    ) -> ToolPause.Kind? {
        troubles.note(outcome, of: key(user), population: population, sharesEndpoint: sharesEndpoint)
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

    @Test(
        "where each grant has a server of its own, a few that threw us out are not the tool's affair; ten are",
        arguments: [ToolPause.Kind.clientRejected, .requestRejected])
    func ownServers(kind: ToolPause.Kind) {
        let outcome: RefreshOutcome = kind == .clientRejected ? .clientRejected(failure) : .requestRejected(refusal)
        let verdicts = (1...10).map { note(outcome, "user-\($0)", sharesEndpoint: false) }
        #expect(verdicts == Array(repeating: nil, count: 9) + [kind])
        troubles = ToolTroubles()
        let two = ["alice", "bob"].map { note(outcome, $0, population: 2, sharesEndpoint: false) }
        #expect(two == [nil, kind == .clientRejected ? kind : nil], "all there are")
    }

    @Test("a refused request is the tool's affair once three records met it, never one record's alone")
    func request() {
        for _ in 0..<5 { #expect(note(.requestRejected(refusal), "alice", population: 1) == nil) }
        #expect(note(.requestRejected(refusal), "bob") == nil)
        #expect(note(.requestRejected(refusal), "user-3") == .requestRejected)
    }

    @Test("a request that we did not send is each record's own affair")
    func unsent() {
        let ours = AttemptFailure(code: "endpoint_changed", detail: "It is so.")
        for user in ["alice", "bob", "user-3", "user-4"] { #expect(note(.requestRejected(ours), user) == nil) }
        #expect(troubles == ToolTroubles())
    }

    @Test("what the transport refuses is the tool's affair: its configuration forbids the request")
    func refusedHere() {
        let ours = AttemptFailure(code: "refused", detail: "A header name is not a token.")
        #expect(["alice", "bob", "user-3"].map { note(.requestRejected(ours), $0) } == [nil, nil, .requestRejected])
    }

    @Test("a success between shows that it was the records'")
    func interrupted() {
        _ = note(.clientRejected(failure), "alice")
        _ = note(.requestRejected(refusal), "alice")
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
