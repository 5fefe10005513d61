package import ToolAuthCore

/// Something an administrator should hear of that is about no single grant.
package enum EngineNotice: Sendable, Equatable {
    /// The store refuses what is written; refreshes stand still.
    case storeFailing(StoreError)
    case storeRecovered
    /// The store could not be read for what is due.
    case scanFailed(StoreError)
    /// Something else could not be read or stored; the string names it, to stand in a sentence.
    case storeErred(String, StoreError)
    /// One record cannot be written, and others can; `holdsTokens`: tokens the provider sent are in memory alone.
    case recordFailing(ToolAuthKey, StoreError, holdsTokens: Bool)
    /// The wall clock was set by so much.
    case clockSet(Duration)
    /// When the wall clock was ahead, tokens were stored whose expiry is now unknown.
    case clockWasAhead(by: Duration)
    /// The provider's clock is so far from this machine's.
    case providerSkew(EndpointID, Duration)
    /// The endpoint of these tools fails for every record; only probes go out.
    case endpointFailing(EndpointID, [ToolID], AttemptFailure?)
    case endpointRecovered(EndpointID, [ToolID])
    case holdEnded
}
