import RefreshTestSupport
import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("Testing a tool")
struct ToolTestTests {
    private static let failure = AttemptFailure(code: "x", detail: "It is so.")
    private static let answered = AttemptFailure(code: "x", detail: "It is so.", providerStatus: 400)

    @Test(
        "who refuses the token has accepted the client",
        arguments: [
            (.grantRejected(answered), true, true), (.clientRejected(answered), true, false),
            (.requestRejected(answered), true, nil), (.requestRejected(failure), false, nil),
            (.transient(failure, retryAfter: nil, atEndpoint: true), false, nil),
            (.transient(answered, retryAfter: nil, atEndpoint: false), true, nil), (.ambiguous(failure), false, nil),
            (.malformed(answered, refreshToken: nil), true, nil), (.unrefreshable, true, nil),
        ] as [(RefreshOutcome, Bool, Bool?)])
    func outcomes(_ outcome: RefreshOutcome, _ isReachable: Bool, _ acceptsClient: Bool?) {
        let test = ToolTest(toolID: Fixture.mail, refreshing: outcome)
        #expect(test.isReachable == isReachable)
        #expect(test.acceptsClient == acceptsClient)
        #expect(!test.detail.isEmpty)
    }

    @Test("no grant is touched, and an unknown tool is one")
    func noGrant() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        let before = try await fixture.service.toolAuth(Fixture.alice)
        fixture.provider.answer(.clientRejected(Self.answered))
        let test = try await fixture.service.testTool(Fixture.mail)
        #expect(test.acceptsClient == false)
        #expect(try await fixture.service.toolAuth(Fixture.alice) == before)
        #expect(fixture.events.kinds == [])
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.testTool(toolID("nail"))
        }
        #expect(code == "unknown-tool")
    }
}
