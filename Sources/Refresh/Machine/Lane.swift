import ToolAuthCore

/// What the machine knows of one tool's records without holding any of them.
struct Lane: Sendable {
    var endpoint: EndpointID
    /// No record of the tool is due sooner, except those that are being seen to; nil: none has a due time.
    var nextDueAt: Timestamp?
    /// The earliest of what came due since a scan of the tool was asked for: the store may have been read before that was
    /// stored. nil: nothing did.
    private var notedSinceScan: Timestamp?
    /// How many records have a due time, up to ``DueScan/countLimit``; that many until it was looked at.
    var scheduled = DueScan.countLimit
    /// How many records that are being seen to still show as due in the store.
    var unclaimed = 0
    var pause: ToolPause?
    /// When a paused tool tries with one record whether it is over; nil: an administrator ends it, or one is trying.
    var probeAt: Timestamp?
    var troubles = ToolTroubles()

    func isRipe(_ now: Timestamp) -> Bool { nextDueAt.map { $0 <= now } ?? false }

    init(endpoint: EndpointID, nextDueAt: Timestamp?) {
        self.endpoint = endpoint
        self.nextDueAt = nextDueAt
    }

    /// A record of the tool is due at `instant`.
    mutating func note(_ instant: Timestamp?) {
        guard let instant else { return }
        nextDueAt = nextDueAt.map { min($0, instant) } ?? instant
        notedSinceScan = notedSinceScan.map { min($0, instant) } ?? instant
    }

    /// The tool is about to be scanned.
    mutating func beginScan() { notedSinceScan = nil }

    /// The tool was scanned.
    mutating func take(_ scan: DueScan) {
        nextDueAt = [scan.nextDueAt, notedSinceScan].compactMap(\.self).min()
        scheduled = scan.scheduled
    }

    mutating func shift(by step: Duration) {
        nextDueAt = nextDueAt.map { $0 + step }
        notedSinceScan = notedSinceScan.map { $0 + step }
        probeAt = probeAt.map { $0 + step }
    }
}
