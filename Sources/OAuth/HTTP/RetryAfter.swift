package import ToolAuthCore

/// `Retry-After` (RFC 9110 §10.2.3).
package enum RetryAfter {
    /// The longest wait believed.
    package static let maximum = Duration.seconds(3600)

    /// The wait that `reply` asks for, at most ``maximum``; nil where it asks for none or cannot be read.
    ///
    /// A date counts from the server's own `Date`, since it was set by the same clock; from `now` where there is none.
    package static func read(_ reply: HTTPReply, now: Timestamp) -> Duration? {
        guard let text = reply.header("Retry-After") else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return min(maximum, .seconds(Int64(text) ?? .max))
        }
        guard let date = HTTPDate.parse(text) else { return nil }
        let serverNow = reply.header("Date").flatMap(HTTPDate.parse) ?? now
        return min(maximum, max(.zero, date - serverNow))
    }
}
