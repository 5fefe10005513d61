package import ToolAuthCore

/// Something that happened to the daemon itself.
///
/// Texts passed in are of ours or of the system's, without a full stop at their end unless said otherwise.
package enum DaemonEvent: Sendable, Equatable {
    case started(version: String)
    /// The store is open, the sockets are served and the first scan is done.
    case ready(after: Duration)
    /// - Parameter reason: such as `SIGTERM`.
    case stopping(reason: String)
    /// The daemon does not start with this store, or lost it. `detail` says what to do, in whole sentences.
    case storeRefused(code: String, detail: String)
    /// A file of the configuration is wrong. `detail` names file, line and key.
    case configurationError(detail: String)
    /// A fault of ours. `detail` says where and what, for a bug report.
    case internalError(detail: String)
    /// Something of the configuration has no effect. `detail` says what, and why.
    case settingIgnored(detail: String)
    /// Parts of the daemon, such as `store`, did not answer within half the watchdog's time.
    case noProgress(parts: [String])
    /// - Parameter variable: of the notification, such as `STATUS`.
    case managerNotTold(variable: String, detail: String)
    /// The service manager does not say as whom units run, so rules that name one let nobody in.
    case unitRulesOff(unit: String, detail: String)
    /// A deleted grant was revoked at its provider.
    case revoked(ToolAuthKey)
    /// A copy of the store is being handed to somebody; nil: the kernel would not say to whom.
    case backupTaken(uid: UInt32?, pid: Int32?, rule: String)

    // MARK: Keys

    /// There is a new master key, which seals from now on.
    case keyAdded(String, by: Administrator)
    case keyRetired(String, by: Administrator)
    /// `count` rows are to be sealed with the newest key; by nil: an interrupted rotation goes on.
    case keyRotationStarted(to: String, count: Int, by: Administrator?)
    /// - Parameter unopened: how many rows no key opens.
    case keyRotationEnded(to: String, resealed: Int, unopened: Int)
    case keyRotationFailed(detail: String)

    // MARK: What stands in the way of refreshing, and its end

    /// Nothing is refreshed from this store until an administrator says so. `reason`: why, in a clause: "the store was
    /// made on another machine".
    case held(reason: String)
    case resumed
    /// The store takes nothing that is written. `detail` says why.
    case storeFailing(detail: String)
    case storeRecovered
    /// The store could not be read for what is due.
    case scanFailed(detail: String)
    /// The store takes what is written of others, but not of this grant. `holdsTokens`: tokens the provider sent are in
    /// memory alone.
    case recordFailing(ToolAuthKey, detail: String, holdsTokens: Bool)
    /// Something else could not be read or stored; nothing a provider sent is lost by that. `what` names it, to stand in a
    /// sentence.
    case storeErred(what: String, detail: String)
    /// The daemon ends, and what the provider sent for this grant was in memory alone.
    case tokensLost(ToolAuthKey)
    /// The circuit breaker of an endpoint opened. The failure: what the last attempt met; nil: not known.
    case endpointFailing(EndpointID, of: [ToolID], AttemptFailure?)
    /// nil: it is not known when it began to fail.
    case endpointRecovered(EndpointID, of: [ToolID], after: Outages.Ended?)

    // MARK: Clocks

    /// The wall clock was set; negative: backwards.
    case clockStepped(by: Duration)
    /// When the wall clock was ahead, tokens were stored whose expiry is now unknown.
    case clockWasAhead(by: Duration)
    /// A provider's clock differs from this machine's; negative: it is behind.
    case providerClockSkewed(endpoint: String, by: Duration)
}
