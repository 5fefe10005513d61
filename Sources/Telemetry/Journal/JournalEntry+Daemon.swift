package import Logging
package import ToolAuthCore

extension JournalEntry {
    /// The line that tells of it, from where it is made.
    package init(
        _ event: DaemonEvent, file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        self.init(event, at: SourcePlace(file, function, line))
    }

    /// The line that tells of it.
    ///
    /// - Parameter place: nil: nobody would be helped by it.
    package init(_ event: DaemonEvent, at place: SourcePlace?) {
        self.init(event.messageID, event.level, event.sentence, at: place)
        switch event {
        case .started(let version): set(JournalField.version, version)
        case .ready(let duration): set(JournalField.durationUsec, duration.usecField)
        case .storeRefused(let code, _): set(JournalField.error, code)
        case .recordFailing(let key, _, _), .tokensLost(let key), .revoked(let key):
            set(JournalField.tool, key.toolID.rawValue)
            set(JournalField.user, key.userID.rawValue)
        case .endpointFailing(let endpoint, let tools, let failure):
            set(tools: tools)
            set(JournalField.endpoint, endpoint.rawValue)
            set(JournalField.error, failure?.code)
        case .endpointRecovered(let endpoint, let tools, let outage):
            set(tools: tools)
            set(JournalField.endpoint, endpoint.rawValue)
            set(JournalField.durationUsec, outage?.duration.usecField)
            set(JournalField.count, outage.map { String($0.failed) })
        case .clockStepped(let step), .clockWasAhead(let step): set(JournalField.stepUsec, step.signedUsecField)
        case .providerClockSkewed(let endpoint, let skew):
            set(JournalField.endpoint, endpoint)
            set(JournalField.stepUsec, skew.signedUsecField)
        case .backupTaken(let uid, let pid, let rule):
            set(JournalField.peerUID, uid.map { String($0) })
            set(JournalField.peerPID, pid.map { String($0) })
            set(JournalField.rule, rule)
        case .keyAdded(let id, let administrator), .keyRetired(let id, let administrator):
            set(JournalField.keyID, id)
            set(administrator)
        case .keyRotationStarted(let id, let count, let administrator):
            set(JournalField.keyID, id)
            set(JournalField.count, String(count))
            if let administrator { set(administrator) }
        case .keyRotationEnded(let id, let resealed, _):
            set(JournalField.keyID, id)
            set(JournalField.count, String(resealed))
        case .unitRulesOff(let unit, _): set(JournalField.peerUnit, unit)
        case .stopping, .configurationError, .internalError, .held, .resumed, .storeFailing, .storeRecovered,
            .scanFailed, .storeErred, .settingIgnored, .noProgress, .managerNotTold, .keyRotationFailed:
            break
        }
    }

    private mutating func set(_ administrator: Administrator) {
        set(JournalField.peerUID, administrator.uid.map { String($0) })
        set(JournalField.peerPID, administrator.pid.map { String($0) })
        set(JournalField.rule, administrator.rule)
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
        case .storeErred: .storeErred
        case .tokensLost: .tokensLost
        case .settingIgnored: .settingIgnored
        case .noProgress: .noProgress
        case .managerNotTold: .managerNotTold
        case .unitRulesOff: .unitRulesOff
        case .revoked: .revoked
        case .backupTaken: .backupTaken
        case .keyAdded: .keyAdded
        case .keyRetired: .keyRetired
        case .keyRotationStarted: .keyRotationStarted
        case .keyRotationEnded: .keyRotationEnded
        case .keyRotationFailed: .keyRotationFailed
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
        case .revoked: .debug
        case .started, .ready, .stopping: .info
        case .backupTaken, .keyAdded, .keyRetired, .keyRotationStarted, .resumed, .storeRecovered, .endpointRecovered,
            .clockStepped:
            .notice
        case .keyRotationEnded(_, _, let unopened): unopened == 0 ? .notice : .warning
        case .held, .endpointFailing, .clockWasAhead, .providerClockSkewed, .settingIgnored, .managerNotTold,
            .unitRulesOff:
            .warning
        case .configurationError, .internalError, .scanFailed, .storeErred, .noProgress, .keyRotationFailed: .error
        case .recordFailing(_, _, let holdsTokens): holdsTokens ? .critical : .error
        case .storeRefused, .storeFailing, .tokensLost: .critical
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
        case .storeErred(let what, let detail): "The store failed at \(what): \(unended(detail))."
        case .tokensLost(let key):
            "\(key.toolID): the tokens that the provider sent for \(key.userID) are lost: the store did not take them, "
                + "and the stop does not wait any longer."
        case .endpointFailing(let endpoint, let tools, let failure):
            "\(tools.sentenceSubject): \(endpoint.url) fails for every grant, so only probes go out"
                + "\(failure.map { ": \($0.sentencePart)" } ?? "")."
        case .endpointRecovered(let endpoint, let tools, let outage):
            "\(tools.sentenceSubject): \(endpoint.url) answers again\(outage?.clause ?? ""), and refreshes go on."
        case .settingIgnored(let detail): "\(unended(detail))."
        case .noProgress(let parts): "No progress in \(parts.joined(separator: ", ")): the watchdog is not fed."
        case .managerNotTold(let variable, let detail):
            "The service manager could not be told \(variable): \(unended(detail))."
        case .unitRulesOff(let unit, let detail):
            "Rules for units let nobody in: the service manager does not say as whom \(unit) runs: \(unended(detail))."
        case .backupTaken(let uid, _, let rule):
            "A backup of the store is read by \(uid.map { "the user \($0)" } ?? "somebody unknown") (rule \(rule))."
        case .keyAdded(let id, let administrator):
            "\(administrator.name) added the key \(id), with which is sealed from now on (rule \(administrator.rule))."
        case .keyRetired(let id, let administrator):
            "\(administrator.name) retired the key \(id) (rule \(administrator.rule)); backups from before need it."
        case .keyRotationStarted(let id, let count, let administrator):
            administrator.map {
                "\($0.name) has \(records(count)) sealed with the key \(id) (rule \($0.rule))."
            } ?? "What was interrupted goes on: \(records(count)) to be sealed with the key \(id)."
        case .keyRotationEnded(let id, let resealed, let unopened):
            "\(records(resealed)) \(resealed == 1 ? "was" : "were") sealed with the key \(id)"
                + (unopened == 0 ? "." : "; \(records(unopened)) that no key opens stay as they are.")
        case .keyRotationFailed(let detail):
            "Sealing the records with the newest key ended early: \(unended(detail))."
        case .revoked(let key): "\(key.toolID): the deleted grant of \(key.userID) is revoked at the provider."
        case .clockStepped(let step):
            "The clock was set \(step < .zero ? "back" : "forward") by \(step.inWords); due times moved with it."
        case .clockWasAhead(let lead):
            "The clock was \(lead.inWords) ahead when the store was last written; tokens obtained then are refreshed soon."
        case .providerClockSkewed(let endpoint, let skew):
            "\(endpoint): its clock is \(skew.inWords) \(skew < .zero ? "behind" : "ahead of") this machine's."
        }
    }

    private func records(_ count: Int) -> String { count == 1 ? "1 record" : "\(count) records" }

    /// A text without a full stop, to go on after it.
    private func unended(_ text: String) -> String {
        text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}

extension Outages.Ended {
    /// How long, and how many.
    fileprivate var clause: String {
        let grants = failed == 1 ? "1 more grant" : "\(failed) more grants"
        return " after \(duration.inWords)\(failed == 0 ? "" : ", in which \(grants) could not be refreshed")"
    }
}

extension EndpointID {
    /// The token endpoint without the client.
    fileprivate var url: Substring {
        let bytes = rawValue.utf8
        let start = bytes.indices.last { index in
            bytes[index] == UInt8(ascii: "@") && rawValue[bytes.index(after: index)...].hasPrefix("http")
        }
        return start.map { rawValue[bytes.index(after: $0)...] } ?? rawValue[...]
    }
}

extension Logger {
    /// Writes a line that is rare enough to need no guard against floods.
    package func tell(
        _ event: DaemonEvent, file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        JournalEntry(event, at: SourcePlace(file, function, line)).write(to: self)
    }
}

extension Administrator {
    fileprivate var name: String { uid.map { "The user \($0)" } ?? "Somebody unknown" }
}
