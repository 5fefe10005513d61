package import SocketAPI
package import ToolAuthCore

extension AuthorizeResponseBody {
    package init(_ pending: PendingAuthorization) {
        self.init(
            authorizationID: pending.id, authURL: pending.authURL, state: pending.state.reveal(),
            expiresAt: pending.expiresAt.description)
    }
}

extension AuthorizationBody {
    package init(_ summary: AuthorizationSummary) {
        self.init(
            authorizationID: summary.id, toolID: summary.key.toolID.rawValue, userID: summary.key.userID.rawValue,
            status: summary.status.rawValue, error: summary.error, expiresAt: summary.expiresAt.description)
    }
}
