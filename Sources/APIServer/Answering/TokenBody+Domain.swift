package import SocketAPI
package import ToolAuthCore

extension TokenBody {
    package init(_ token: IssuedToken) {
        self.init(
            accessToken: token.accessToken.reveal(),
            tokenType: token.record.tokenType,
            expiresAt: token.record.expiresAt?.description,
            // Rounded down: nobody relies on a second that is not whole.
            expiresIn: token.expiresIn.map { max(0, $0.components.seconds) },
            scope: token.record.scope,
            generation: token.record.generation,
            metadata: token.record.metadata,
            warning: token.warning.map {
                WarningBody(type: ProblemBody.prefix + $0.kind.rawValue, detail: $0.detail)
            })
    }
}
