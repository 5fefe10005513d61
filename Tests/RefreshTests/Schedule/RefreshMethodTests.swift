import Refresh
import Testing
import ToolAuthCore

@Suite("Whether a grant can be refreshed")
struct CanRefreshTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let method: RefreshPolicy.Method
        /// With an access token alone; with a refresh token alone; with none.
        let access: Bool
        let refresh: Bool
        let none: Bool
        var testDescription: String { "\(method)" }
    }

    @Test(
        "is a matter of what its method takes",
        arguments: [
            Case(method: .refreshToken, access: false, refresh: true, none: false),
            Case(method: .exchangeAccessToken, access: true, refresh: false, none: false),
            Case(method: .reacquire, access: true, refresh: true, none: true),
            Case(method: .none, access: false, refresh: false, none: false),
        ])
    func methods(example: Case) {
        let policy = policy { $0.method = example.method }
        for (access, refresh, expected) in [
            (true, false, example.access), (false, true, example.refresh), (false, false, example.none),
        ] {
            var record = grant().record
            record.hasAccessToken = access
            record.hasRefreshToken = refresh
            #expect(policy.canRefresh(record) == expected)
            #expect(policy.canRefresh(record, at: start) == expected)
            let toolAuth = ToolAuth(
                record: record, accessToken: access ? Secret("a") : nil, refreshToken: refresh ? Secret("r") : nil)
            #expect(policy.canRefresh(toolAuth, at: start) == expected)
        }
    }

    @Test(
        "ends with its access token where that is what buys the next",
        arguments: [(RefreshPolicy.Method.exchangeAccessToken, false), (.refreshToken, true), (.reacquire, true)])
    func ended(method: RefreshPolicy.Method, canStill: Bool) {
        let policy = policy { $0.method = method }
        let toolAuth = grant()
        #expect(policy.canRefresh(toolAuth.record, at: start + .milliseconds(3_599_999)))
        #expect(policy.canRefresh(toolAuth.record, at: start + .seconds(3600)) == canStill)
        #expect(policy.canRefresh(toolAuth, at: start + .seconds(3600)) == canStill)
        #expect(policy.canRefresh(grant(lifetime: nil).record, at: start + .seconds(1_000_000)))
    }

    @Test("takes tokens that are there, not only said to be, and not empty ones")
    func absent() {
        let record = grant().record
        for token in [nil, Secret("")] {
            let toolAuth = ToolAuth(record: record, accessToken: token, refreshToken: token)
            #expect(!policy { $0.method = .exchangeAccessToken }.canRefresh(toolAuth, at: start))
            #expect(!policy().canRefresh(toolAuth, at: start))
            #expect(policy { $0.method = .reacquire }.canRefresh(toolAuth, at: start))
        }
    }
}

@Suite("The plan of a grant that is refreshed without a refresh token")
struct RefreshMethodPlanTests {
    private func planned(
        _ method: RefreshPolicy.Method, _ toolAuth: ToolAuth = grant(refreshToken: nil),
        _ change: (inout RefreshPolicy) -> Void = { _ in }
    ) -> ToolAuthRecord {
        var record = toolAuth.record
        let policy = policy {
            $0.method = method
            $0.refreshTokenIdle = .seconds(86_400)
            change(&$0)
        }
        RefreshSchedule(policy).plan(&record, now: start, uniform: 0)
        return record
    }

    @Test(
        "comes due ahead of the end, as any other", arguments: [RefreshPolicy.Method.reacquire, .exchangeAccessToken])
    func ahead(method: RefreshPolicy.Method) {
        #expect(planned(method).refreshAt == start + .seconds(2700))
        #expect(planned(method) { $0.eagerness = .onDemand }.refreshAt == nil)
        // There is no refresh token to keep alive.
        #expect(planned(method).keepaliveAt == nil)
        #expect(planned(method).announceAt == nil)
    }

    @Test("is due at once while the client has no token, and never without one to buy with")
    func empty() {
        var toolAuth = grant(lifetime: nil, refreshToken: nil)
        toolAuth.record.hasAccessToken = false
        #expect(planned(.reacquire, toolAuth).dueAt == start)
        #expect(planned(.exchangeAccessToken, toolAuth).dueAt == nil)
    }

    @Test("has no due time where no end is known, but for at_least")
    func endless() {
        for method in [RefreshPolicy.Method.reacquire, .exchangeAccessToken] {
            #expect(planned(method, grant(lifetime: nil, refreshToken: nil)).dueAt == nil)
            let kept = planned(method, grant(lifetime: nil, refreshToken: nil)) { $0.atLeast = .seconds(86_400) }
            #expect(kept.refreshAt == start + .seconds(86_400))
        }
    }
}
