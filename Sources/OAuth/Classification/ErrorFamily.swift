/// What the name of an error says of its cause. Names decide, never descriptions (RFC 6749 §5.2).
enum ErrorFamily: Sendable, Equatable {
    case transient
    case grantRejected
    case clientRejected
    case other

    private static let transientCodes = ["temporarily_unavailable", "server_error", "slow_down"]

    /// In the order of the outcome table: what may pass goes before what is final.
    ///
    /// - Parameter status: what the reply came with, for names that say it only with some.
    init(_ code: String?, status: Int, _ format: TokenResponseFormat) {
        guard let code else {
            self = .other
            return
        }
        if (Self.transientCodes + format.transient).contains(code) {
            self = .transient
        } else if (["invalid_grant"] + format.grantRejected).contains(code) {
            self = .grantRejected
        } else if code == "invalid_client"
            || format.clientRejected.contains(code) && format.meansClient(status)
        {
            self = .clientRejected
        } else {
            self = .other
        }
    }
}

extension TokenResponseFormat {
    /// Whether a reply of this status may be of a refused client.
    fileprivate func meansClient(_ status: Int) -> Bool {
        clientRejectedStatuses.isEmpty || clientRejectedStatuses.contains(status)
    }

    /// The error that a reply names; nil: none, and what is null is none.
    func error(in root: JSONValue, status: Int) -> JSONValue? {
        let found = error.compactMap { root[path: $0] }.filter { $0 != .null }
        return found.first { ErrorFamily($0.text, status: status, self) != .other } ?? found.first
    }
}
