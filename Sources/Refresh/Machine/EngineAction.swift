package import ToolAuthCore

/// What ``RefreshMachine`` wants done. Those that have an answer name the method that takes it.
///
/// Indirect, so that a grant is not copied with each step that an action takes.
package indirect enum EngineAction: Sendable {
    /// `TokenStore.scan`; ``RefreshMachine/scanned(_:at:)``. One at a time.
    case scan([ToolID: Int])
    /// `TokenStore.claim`; ``RefreshMachine/claimed(_:_:at:)``.
    case claim(ToolAuthKey, Attempt)
    /// `TokenStore.load`; ``RefreshMachine/loaded(_:_:at:)``.
    case load(ToolAuthKey)
    /// `ToolAuthentication.tryRefreshToken`; ``RefreshMachine/ended(_:_:after:at:)``.
    case send(ToolAuth)
    /// `TokenStore.commit`; ``RefreshMachine/committed(_:_:at:)``.
    case commit(PendingCommit)
    /// Any small write, to see whether the store takes it; ``RefreshMachine/storeTried(_:at:)``.
    case tryStore(ToolID)
    /// `RefreshableTool.connect`; ``RefreshMachine/connected(to:succeeded:at:)``.
    case connect(EndpointID, ToolID)
    /// `TokenStore.revise`; ``RefreshMachine/revised(_:at:)``. One at a time.
    case revise(ToolID, after: UserID?, Replanning, Moment)
    /// `TokenStore.setPlan`.
    case setPlan(ToolID, String)
    /// `TokenStore.noteBoot`.
    case noteBoot(BootReference)
    /// `TokenStore.setPause`, and tell the tool directory.
    case setPause(ToolID, ToolPause?)
    /// `TokenStore.enqueueRevocation`, for late tokens.
    case revoke(ToolAuth)
    /// Replaces what the timer was armed for; nil: it need not ring.
    case arm(Timestamp?)
    /// For all who wait for the record.
    case answer(ToolAuthKey, RefreshResult)
    case report(AttemptReport)
    case emit(ToolAuthEvent)
    case notice(EngineNotice)
}
