/// Something that happened to a grant or a tool, told once to everyone who follows: journal, event stream, metrics.
package struct ToolAuthEvent: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case connected = "auth.connected"
        case refreshed = "auth.refreshed"
        /// An attempt failed, or its end is unknown, where the last one had succeeded.
        case degraded = "auth.degraded"
        /// The first success after `degraded` or `reauthorizationRequired`.
        case recovered = "auth.recovered"
        case reauthorizationRequired = "auth.reauthorization_required"
        case reauthorizationDue = "auth.reauthorization_due"
        case deleted = "auth.deleted"
        /// The provider could not be told that a deleted grant is over, and it is given up.
        case revocationFailed = "auth.revocation_failed"
        case toolPaused = "tool.paused"
        case toolResumed = "tool.resumed"
        case configurationReloaded = "configuration.reloaded"
    }

    package let kind: Kind
    package let at: Timestamp
    /// The tool it is about; nil: the daemon.
    package let toolID: ToolID?
    /// The grant as it is afterwards (as it was, for `deleted`); nil: not about one grant.
    package let record: ToolAuthRecord?
    /// ``RefreshOutcome/name``, for the end of an attempt.
    package var outcome: String?
    package var failure: AttemptFailure?
    /// From sending the request to knowing its end.
    package var duration: Duration?
    package var endpoint: EndpointID?
    /// Why, in one sentence; for tools.
    package var detail: String?
    /// Where it was made.
    package let place: SourcePlace

    package init(
        _ kind: Kind, at: Timestamp, record: ToolAuthRecord, file: String = #fileID, function: String = #function,
        line: UInt = #line
    ) {
        self.place = SourcePlace(file, function, line)
        self.kind = kind
        self.at = at
        self.toolID = record.toolID
        self.record = record
    }

    package init(
        _ kind: Kind, at: Timestamp, toolID: ToolID?, detail: String?, file: String = #fileID,
        function: String = #function, line: UInt = #line
    ) {
        self.place = SourcePlace(file, function, line)
        self.kind = kind
        self.at = at
        self.toolID = toolID
        self.record = nil
        self.detail = detail
    }
}
