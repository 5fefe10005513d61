import NIOCore

/// How a connection stands between its client and the routes: what was received and what is being answered, what ends
/// it, and until when the client may keep it waiting. A value without I/O; ``Connection`` acts on it.
struct ConnectionState {
    private let limits: APILimits
    /// When what the connection is now waiting for began.
    private var since: NIODeadline
    /// Whether an answer is being made or written.
    private(set) var isAnswering = false
    /// Whole requests received and not yet handed on, and a refusal at the end if there is one.
    private(set) var queued = 0
    /// Whether the first bytes of a request are here and the last are not.
    private(set) var isReceiving = false
    private var hasAnswered = false
    /// Nothing more is read as a request: the client ended its side, or sent what cannot be read on from.
    private(set) var isInputOver = false
    private var isQuiescing = false
    private(set) var isLingering = false
    /// While the kernel has not taken all: how many bytes it took so far, and when it last took one.
    private var unread: (drained: Int, since: NIODeadline)?

    init(_ limits: APILimits, now: NIODeadline) {
        self.limits = limits
        since = now
    }

    /// Bytes came that are part of a request.
    mutating func received(now: NIODeadline) {
        guard !isReceiving else { return }
        isReceiving = true
        if isIdle { since = now }
    }

    /// A request came to its end, or to where it is refused.
    mutating func completed() {
        isReceiving = false
        queued += 1
    }

    /// The next in the queue is handed on.
    mutating func began() {
        queued -= 1
        isAnswering = true
    }

    /// The answer was written.
    mutating func answered(now: NIODeadline) {
        isAnswering = false
        hasAnswered = true
        since = now
    }

    mutating func endInput() {
        isInputOver = true
    }

    mutating func quiesce(now: NIODeadline) {
        isQuiescing = true
        if isIdle, !isReceiving { since = now }
    }

    /// The last answer was written while the client may still be sending.
    mutating func linger(now: NIODeadline) {
        isLingering = true
        isInputOver = true
        since = now
    }

    /// Answers are on their way.
    ///
    /// - Parameters:
    ///   - pending: bytes the kernel has not taken.
    ///   - written: bytes written since the connection began.
    mutating func wrote(pending: Int, written: Int, now: NIODeadline) {
        guard pending > 0 else {
            unread = nil
            return
        }
        let drained = written - pending
        if let unread, unread.drained == drained { return }
        unread = (drained, now)
    }

    /// Whether nothing is being answered or waits to be.
    private var isIdle: Bool { !isAnswering && queued == 0 }

    /// Whether reading pauses: a client that sends requests faster than it gets answers waits.
    var holdsReads: Bool { isAnswering && queued > 0 && !isLingering }

    /// Whether the answer being made is the last one.
    var isLastAnswer: Bool { queued == 0 && (isInputOver || isQuiescing) }

    /// Whether there is nothing left to do but close.
    var isFinished: Bool {
        guard isIdle, !isLingering else { return false }
        // Who had just connected when the shutdown came gets to ask: under socket activation nobody fails.
        return isInputOver || (isQuiescing && hasAnswered && !isReceiving)
    }

    /// When the client is cut off unless something happens before; nil: it is not its turn.
    var deadline: NIODeadline? {
        let reader = unread.map { $0.since + TimeAmount(limits.readerDeadline) }
        guard let sender = senderDeadline else { return reader }
        return reader.map { min($0, sender) } ?? sender
    }

    private var senderDeadline: NIODeadline? {
        if isLingering { return since + TimeAmount(limits.linger) }
        guard isIdle else { return nil }
        if isReceiving { return since + TimeAmount(limits.requestDeadline) }
        return since + TimeAmount(isQuiescing ? limits.linger : limits.idleTimeout)
    }
}
