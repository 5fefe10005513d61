import Refresh
import Testing
import ToolAuthCore

@Suite("The machine: attempts without a refresh token")
struct MethodAttemptTests {
    private func run(_ method: RefreshPolicy.Method, _ toolAuth: ToolAuth, after elapsed: Duration = .zero)
        -> MachineDriver
    {
        let driver = MachineDriver { $0.method = method }
        driver.now = start + elapsed
        driver.begin([key()])
        driver.claimed(toolAuth)
        return driver
    }

    private var empty: ToolAuth {
        var record = grant(lifetime: nil, refreshToken: nil, status: .degraded).record
        record.hasAccessToken = false
        record.refreshAt = start
        return ToolAuth(record: record, accessToken: nil, refreshToken: nil)
    }

    @Test("a client gets a token of its own with nothing at hand, and is healthy")
    func reacquired() throws {
        let driver = run(.reacquire, empty)
        #expect(driver.sends == [key()])
        driver.ended(key(), .refreshed(reply(at: start, refreshToken: nil)))
        let pending = try #require(driver.commits.first)
        #expect(pending.settlement.toolAuth.record.status == .healthy)
        #expect(pending.settlement.toolAuth.accessToken == Secret("access-2"))
        #expect(pending.settlement.toolAuth.record.hasRefreshToken == false)
        driver.stored(pending)
        #expect(driver.events == [.refreshed, .recovered])
    }

    @Test("a client gets it also after the tool moved to another server: no token is sent there")
    func movedReacquire() {
        var toolAuth = empty
        toolAuth.record.tokenOrigin = "https://former.test:443"
        #expect(run(.reacquire, toolAuth).sends == [key()])
    }

    @Test("a client gets it also after the tool got another client, whose it then is")
    func otherClientReacquire() throws {
        var toolAuth = empty
        toolAuth.record.clientID = "former"
        toolAuth.record.tokenOrigin = "https://former.test:443"
        let driver = run(.reacquire, toolAuth)
        #expect(driver.sends == [key()])
        var granted = reply(at: start, refreshToken: nil)
        granted.clientID = "client"
        granted.tokenOrigin = "https://provider.test:443"
        driver.ended(key(), .refreshed(granted))
        let record = try #require(driver.commits.first).settlement.toolAuth.record
        #expect(record.clientID == "client")
        #expect(record.tokenOrigin == "https://provider.test:443")
    }

    @Test(
        "a user's token is not sent to another server, or for another client",
        arguments: [
            RefreshPolicy.Method.refreshToken, .exchangeAccessToken,
        ])
    func moved(method: RefreshPolicy.Method) {
        var toolAuth = grant()
        toolAuth.record.tokenOrigin = "https://former.test:443"
        #expect(run(method, toolAuth).sends == [])
        var foreign = grant()
        foreign.record.clientID = "former"
        #expect(run(method, foreign).sends == [])
    }

    @Test("an access token buys the next while it is valid")
    func exchanged() throws {
        let driver = run(.exchangeAccessToken, grant(refreshToken: nil), after: .seconds(2700))
        #expect(driver.sends == [key()])
        driver.ended(key(), .refreshed(reply(at: driver.now, refreshToken: nil)))
        let record = try #require(driver.commits.first).settlement.toolAuth.record
        #expect(record.status == .healthy)
        #expect(record.refreshAt.map { $0 > driver.now } == true)
    }

    @Test("one that has ended buys nothing: nothing is sent, and the user is asked")
    func expired() throws {
        let driver = run(.exchangeAccessToken, grant(refreshToken: nil), after: .seconds(3600))
        #expect(driver.sends == [])
        let pending = try #require(driver.commits.first)
        #expect(pending.settlement.toolAuth.record.status == .needsReauthorization(.expiredUnrefreshable))
        driver.stored(pending)
        #expect(driver.events == [.reauthorizationRequired])
    }

    @Test(
        "after a lost reply a client asks again as after any failure",
        arguments: [
            RefreshPolicy.Method.reacquire, .exchangeAccessToken,
        ])
    func lost(method: RefreshPolicy.Method) throws {
        let driver = run(method, grant(refreshToken: nil))
        driver.ended(key(), .ambiguous(failure))
        let record = try #require(driver.commits.first).settlement.toolAuth.record
        #expect(record.unsettledSince == nil)
        #expect(record.status == .degraded)
        #expect(record.nextAttemptAt.map { $0 - driver.now <= .seconds(2) } == true)
    }
}
