package import ToolAuthCore

extension RefreshPolicy {
    /// Where the provider counts each grant on its own: when this one may be sent again. Spread evenly over the span, so
    /// that nothing needs to be remembered but the last attempt.
    ///
    /// - Returns: nil where it is not so counted, or was not sent yet; an instant that has passed: it may.
    package func ownRate(_ record: ToolAuthRecord, now: Timestamp) -> Timestamp? {
        guard let rate, rate.scope == .record, let last = record.lastAttemptAt, last <= now else { return nil }
        return last + rate.per / max(1, rate.requests)
    }
}
