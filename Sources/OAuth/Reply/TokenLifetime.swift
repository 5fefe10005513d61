package import ToolAuthCore

/// When a token ends, out of whatever a provider says about it.
package enum TokenLifetime {
    /// Assumed of an access token that came without an end but with a refresh token.
    package static let assumedWithRefreshToken = Duration.seconds(3600)
    /// The longest life believed of a JWT's `exp` for a token just minted.
    private static let longestJWT = Duration.seconds(366 * 86_400)

    /// The instant that `value` names. Numbers and strings of numbers are taken alike; lifetimes count from `sentAt`, and
    /// all saturate at the ends of the calendar.
    ///
    /// - Returns: nil where there is nothing to read: absent, null, of another type, negative (some servers say "never"
    ///   that way), an epoch of zero. A lifetime of zero is an end at once.
    package static func end(
        _ value: JSONValue?, _ form: TokenResponseFormat.ExpiryForm, sentAt: Timestamp
    ) -> Timestamp? {
        if form == .iso8601 { return value?.string.flatMap { Timestamp(rfc3339: $0) } }
        guard let number = number(value) else { return nil }
        let isMilliseconds = form == .milliseconds || form == .epochMilliseconds
        let milliseconds = number.scaled(by: isMilliseconds ? 1 : 1000)
        switch form {
        case .seconds, .milliseconds:
            return number.text.utf8.first == UInt8(ascii: "-") ? nil : sentAt + .milliseconds(milliseconds)
        case .epoch, .epochMilliseconds, .iso8601:
            return milliseconds > 0 ? Timestamp(millisecondsSinceEpoch: milliseconds) : nil
        }
    }

    /// The end of an access token that came without one: what policy assumes, else a JWT's `exp`, else an hour where it
    /// can be refreshed, else none is known (RFC 6749 §5.1).
    package static func assumedEnd(
        accessToken: String, sentAt: Timestamp, policy: RefreshPolicy, hasRefreshToken: Bool
    ) -> Timestamp? {
        if let assumed = policy.assumedLifetime { return sentAt + assumed }
        if let end = end(ofJWT: accessToken, sentAt: sentAt) { return end }
        return hasRefreshToken ? sentAt + assumedWithRefreshToken : nil
    }

    /// `exp` of a token that happens to be a JWT; nil where it is not later than `sentAt`, or more than a year.
    private static func end(ofJWT token: String, sentAt: Timestamp) -> Timestamp? {
        guard let exp = JWTPayload.read(token)?[path: "exp"], case .number(let number) = exp else { return nil }
        let end = Timestamp(millisecondsSinceEpoch: number.scaled(by: 1000))
        return end > sentAt && end - sentAt <= longestJWT ? end : nil
    }

    private static func number(_ value: JSONValue?) -> JSONNumber? {
        switch value {
        case .number(let number): number
        case .string(let text): JSONNumber(text)
        default: nil
        }
    }
}
