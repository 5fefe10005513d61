package import ToolAuthCore

/// What somebody who asked for a refresh learns, once it is stored.
package enum RefreshResult: Sendable {
    /// New tokens, by this attempt or by another that came first.
    case refreshed(ToolAuth)
    /// The attempt failed; the grant as it is now.
    case failed(ToolAuth, RefreshOutcome)
    /// There is no such grant any more.
    case gone
    /// The endpoint asked to be left alone until then; nothing was sent.
    case held(until: Timestamp)
    /// The tool cannot refresh now; nothing was sent.
    case toolUnavailable(String)
    /// The tool is paused; nothing was sent.
    case toolPaused(ToolPause)
    /// The whole store is held; nothing was sent.
    case onHold(StoreHold)
    /// Nothing was sent, or its end could not be stored yet.
    case storeUnavailable(StoreError)
    /// The daemon is stopping; nothing was sent.
    case stopping
    /// The waiter was cancelled; the attempt goes on.
    case abandoned
}
