import Logging
import ToolAuthCore

extension JournalEntry {
    /// The line that tells of it.
    package init(_ event: DaemonEvent) {
        self.init(event.messageID, event.level, event.sentence)
        switch event {
        case .started(let version): set(JournalField.version, version)
        case .ready(let duration): set(JournalField.durationUsec, duration.usecField)
        case .storeRefused(let code, _): set(JournalField.error, code)
        case .recordFailing(let key, _, _):
            set(JournalField.tool, key.toolID.rawValue)
            set(JournalField.user, key.userID.rawValue)
        case .endpointFailing(let endpoint, _), .endpointRecovered(let endpoint):
            set(JournalField.endpoint, endpoint)
        case .clockStepped(let step), .clockWasAhead(let step): set(JournalField.stepUsec, step.signedUsecField)
        case .providerClockSkewed(let endpoint, let skew):
            set(JournalField.endpoint, endpoint)
            set(JournalField.stepUsec, skew.signedUsecField)
        case .stopping, .configurationError, .internalError, .held, .resumed, .storeFailing, .storeRecovered,
            .scanFailed:
            break
        }
    }
}

extension DaemonEvent {
    fileprivate var messageID: MessageID {
        switch self {
        case .started: .started
        case .ready: .ready
        case .stopping: .stopping
        case .storeRefused: .storeRefused
        case .configurationError: .configurationError
        case .internalError: .internalError
        case .held: .held
        case .resumed: .resumed
        case .storeFailing: .storeFailing
        case .storeRecovered: .storeRecovered
        case .scanFailed: .scanFailed
        case .recordFailing: .recordFailing
        case .endpointFailing: .endpointFailing
        case .endpointRecovered: .endpointRecovered
        case .clockStepped: .clockStepped
        case .clockWasAhead: .clockWasAhead
        case .providerClockSkewed: .providerClockSkewed
        }
    }

    /// How grave it is. Where tokens may be lost if nobody comes it is critical; what refreshing gets over by itself, or
    /// waits for, is a warning.
    fileprivate var level: Logger.Level {
        switch self {
        case .started, .ready, .stopping: .info
        case .resumed, .storeRecovered, .endpointRecovered, .clockStepped: .notice
        case .held, .endpointFailing, .clockWasAhead, .providerClockSkewed: .warning
        case .configurationError, .internalError, .scanFailed: .error
        case .recordFailing(_, _, let holdsTokens): holdsTokens ? .critical : .error
        case .storeRefused, .storeFailing: .critical
        }
    }

    fileprivate var sentence: String {
        switch self {
        case .started(let version): "toolauthd \(version) is starting."
        case .ready(let duration): "Ready after \(duration.wholeMilliseconds) ms."
        case .stopping(let reason): "Stopping: \(reason)."
        case .storeRefused(_, let detail): detail
        case .configurationError(let detail): detail
        case .internalError(let detail): "Internal error: \(detail)"
        case .held(let reason):
            "Refreshing is held: \(unended(reason)); valid tokens are served, and toolauthctl resume lets it go on."
        case .resumed: "Refreshing goes on: an administrator ended the hold."
        case .storeFailing(let detail):
            "The store takes nothing that is written, so refreshes stand still: \(unended(detail))."
        case .storeRecovered: "The store takes what is written again, and refreshes go on."
        case .scanFailed(let detail): "The store could not be read for what is due: \(unended(detail))."
        case .recordFailing(let key, let detail, let holdsTokens):
            "\(key.toolID): the store does not take what is written of \(key.userID)"
                + "\(holdsTokens ? ", whose new tokens are in memory alone" : ""): \(unended(detail))."
        case .endpointFailing(let endpoint, let detail):
            "\(endpoint) fails for every grant, so only probes go out\(detail.map { ": \(unended($0))" } ?? "")."
        case .endpointRecovered(let endpoint): "\(endpoint) answers again, and refreshes go on."
        case .clockStepped(let step):
            "The clock was set \(step < .zero ? "back" : "forward") by \(step.inWords); due times moved with it."
        case .clockWasAhead(let lead):
            "The clock was \(lead.inWords) ahead when the store was last written; tokens obtained then are refreshed soon."
        case .providerClockSkewed(let endpoint, let skew):
            "\(endpoint): its clock is \(skew.inWords) \(skew < .zero ? "behind" : "ahead of") this machine's."
        }
    }

    /// A text without a full stop, to go on after it.
    private func unended(_ text: String) -> String {
        text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}

extension Duration {
    /// Its length in whole seconds, below ten in milliseconds.
    fileprivate var inWords: String {
        let length = wholeMilliseconds.magnitude
        return length < 10_000 ? "\(length) ms" : "\(length / 1000) s"
    }
}
