package import ToolAuthCore

extension RefreshPolicy {
    /// How long after an attempt began its refresh token is sent again without fear: the provider's window, less what a
    /// request may take to get there.
    package var safeReplayWindow: Duration {
        replayWindow - min(replayWindow / 5, .seconds(5))
    }

    /// Whether a refresh token first sent at `firstSentAt` may be sent again at `instant` without fear. An instant before
    /// that comes of a clock that was set, and tells nothing.
    package func mayReplay(at instant: Timestamp, firstSentAt: Timestamp) -> Bool {
        instant >= firstSentAt && instant - firstSentAt < safeReplayWindow
    }
}
