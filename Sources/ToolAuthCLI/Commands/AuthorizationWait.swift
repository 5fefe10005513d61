import SocketAPI
import ToolAuthClient
import ToolAuthCore

/// Asks how a flow stands, once a second, until it has ended.
struct AuthorizationWait {
    let session: Session
    let flow: AuthorizeResponseBody
    let user: String
    /// nil: until the flow expires.
    let timeout: Duration?

    /// How often in a row the daemon may fail to answer: the flow survives its restart.
    private static let patience = 30

    /// - Throws: ``CommandFailure`` when time is up; ``ToolAuthClientError`` when the daemon refuses or stays away.
    func outcome() async throws -> Answer<AuthorizationBody> {
        let expiry = Timestamp(rfc3339: flow.expiresAt) ?? session.now + .seconds(600)
        // A little later than the daemon's own end, so that it says so itself.
        let deadline = min(expiry + .seconds(5), timeout.map { session.now + $0 } ?? .distantFuture)
        var failures = 0
        defer { session.showProgress(nil) }
        while true {
            do {
                let answer = try await session.client.answer(to: .authorization(flow.authorizationID))
                if answer.value.status != "pending" { return answer }
                failures = 0
            } catch {
                failures += 1
                guard failures < Self.patience, error.mayPass else { throw error }
            }
            let left = deadline - session.now
            guard left > .zero else {
                throw CommandFailure(
                    .transient, "\(user) has not consented yet; the URL works until \(flow.expiresAt)")
            }
            session.showProgress("Waiting for \(terminalSafe(user)) to consent, \(spoken(left)) left")
            try await session.context.sleep(min(.seconds(1), left))
        }
    }

}
