import SocketAPI

/// A token in the forms that programs take it in.
struct TokenText {
    let token: TokenBody

    init(_ token: TokenBody) {
        self.token = token
    }

    /// The token, if it is what a token can be (RFC 6749 A.12): no line break that would add a header, nothing that a
    /// terminal obeys.
    func plain() throws(CommandFailure) -> String {
        guard !token.accessToken.isEmpty, token.accessToken.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw CommandFailure(
                .unreachable, "the token has characters that no token has; --json prints it with them escaped")
        }
        return token.accessToken
    }

    /// A header line of HTTP, without its end.
    func header() throws(CommandFailure) -> String {
        // Providers write the type in any case (RFC 6749 §7.1); some resource servers insist on this one.
        let type = token.tokenType.lowercased() == "bearer" ? "Bearer" : token.tokenType
        let words = type.utf8.allSatisfy { (0x21...0x7e).contains($0) } && !type.isEmpty
        guard words else { throw CommandFailure(.unreachable, "the token's type does not fit into a header") }
        return "Authorization: \(type) \(try plain())"
    }

    /// What is wrong although the token is valid, for standard error.
    func warning(_ painter: Painter) -> String? {
        token.warning.map { painter("Warning:", .yellow) + " " + terminalSafe($0.detail) }
    }
}
