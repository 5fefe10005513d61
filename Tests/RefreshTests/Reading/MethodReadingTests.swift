import Refresh
import Testing
import ToolAuthCore

@Suite("Reading a token that is had without a refresh token")
struct MethodReadingTests {
    private func decide(
        _ method: RefreshPolicy.Method, _ toolAuth: ToolAuth = grant(refreshToken: nil), after elapsed: Duration,
        obstacle: ToolObstacle? = nil
    ) -> TokenReading.Decision {
        TokenReading(
            policy: policy { $0.method = method }, obstacle: obstacle, isUsableType: true, now: start + elapsed
        ).decide(toolAuth.record, TokenQuery(minimumValidity: .seconds(60)))
    }

    @Test(
        "asks for another while it is valid and near its end",
        arguments: [RefreshPolicy.Method.reacquire, .exchangeAccessToken])
    func ahead(method: RefreshPolicy.Method) {
        guard case .refresh(let fallback, true) = decide(method, after: .seconds(3541)) else {
            Issue.record("no refresh was asked for")
            return
        }
        #expect(fallback?.kind == .shorterThanAsked)
    }

    @Test("an ended one that was to buy the next needs the user")
    func endedExchange() {
        guard case .fail(let error) = decide(.exchangeAccessToken, after: .seconds(3600)) else {
            Issue.record("it must fail")
            return
        }
        #expect(error.code == .reauthorizationRequired)
        #expect(error.reason == "expired_unrefreshable")
    }

    @Test("an ended one, or none at all, is had again by the client")
    func endedReacquire() {
        #expect(decide(.reacquire, after: .seconds(3600)) == .refresh(fallback: nil, isValid: false))
        var empty = grant(lifetime: nil, refreshToken: nil, status: .degraded)
        empty.record.hasAccessToken = false
        #expect(decide(.reacquire, empty, after: .zero) == .refresh(fallback: nil, isValid: false))
    }

    @Test("none at all is not had while something stands against it")
    func obstacle() {
        var empty = grant(lifetime: nil, refreshToken: nil)
        empty.record.hasAccessToken = false
        let paused = ToolObstacle(isPaused: true, detail: "Paused.")
        guard case .fail(let error) = decide(.reacquire, empty, after: .zero, obstacle: paused) else {
            Issue.record("it must fail")
            return
        }
        #expect(error.code == .toolPaused)
    }
}
