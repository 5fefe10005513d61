import Testing
import ToolAuthCore

@Suite("Status and outcome names")
struct StatusTests {
    @Test("every status is read back from its name and reason")
    func statusNames() {
        let all: [ToolAuthStatus] =
            [.healthy, .degraded] + ReauthorizationReason.allCases.map { .needsReauthorization($0) }
        for status in all { #expect(ToolAuthStatus(name: status.name, reason: status.reason) == status) }
        #expect(ToolAuthStatus(name: "needs_reauthorization", reason: nil) == nil)
        #expect(ToolAuthStatus(name: "fine", reason: nil) == nil)
    }

    @Test("the remaining life is what is left until the end")
    func remainingLife() throws {
        let now = Timestamp(secondsSinceEpoch: 100)
        var record = ToolAuthRecord(
            key: try sampleKey(), tokenType: "Bearer", scope: "", obtainedAt: now,
            expiresAt: now + .seconds(10), hasAccessToken: true, hasRefreshToken: false, clientID: "client",
            tokenOrigin: "https://provider.test:443", createdAt: now)
        #expect(record.remainingLife(at: now + .seconds(4)) == .seconds(6))
        #expect(record.remainingLife(at: now + .seconds(14)) == .seconds(-4))
        record.expiresAt = nil
        #expect(record.remainingLife(at: now) == nil)
    }

    @Test("problem types have the statuses of the API")
    func problemTypes() {
        #expect(ToolAuthError.Code.unknownTool.httpStatus == 404)
        #expect(ToolAuthError.Code.reauthorizationRequired.name == "reauthorization-required")
        #expect(ToolAuthError.Code.refreshTooSoon.httpStatus == 429)
        #expect(ToolAuthError.invalidRequest(field: "wait", "It is negative.").field == "wait")
    }
}
