import ToolAuthCore

/// What each peer takes of the daemon, a peer being a rule and a uid: connections at once, and requests a second.
final class Allowances: Sendable {
    struct Holder: Hashable, Sendable {
        /// nil: no rule is for him.
        let rule: String?
        /// nil: the kernel would not say.
        let uid: UInt32?
    }

    private struct Account {
        var connections = 0
        var bucket: RequestBucket?
    }

    /// Accounts kept of peers that have none of their connections open, before those that owe nothing are forgotten.
    private static let kept = 1024

    private let connectionLimit: Int
    private let requestRate: Int
    private let accounts = Locked<[Holder: Account]>([:])

    init(_ limits: APILimits) {
        connectionLimit = limits.maxConnectionsPerPeer
        requestRate = limits.maxRequestRatePerPeer
    }

    var countsRequests: Bool { requestRate > 0 }

    /// - Returns: why the connection is one too many; then it is not counted.
    func connect(_ holder: Holder) -> ToolAuthError? {
        guard connectionLimit > 0 || requestRate > 0 else { return nil }
        let isAdmitted = accounts.withLock { accounts in
            let connections = accounts[holder]?.connections ?? 0
            guard connectionLimit == 0 || connections < connectionLimit else { return false }
            accounts[holder, default: Account()].connections = connections + 1
            return true
        }
        if isAdmitted { return nil }
        var error = ToolAuthError(
            .tooManyConnections, "This peer has \(connectionLimit) connections already; close some.")
        error.retryAfter = .seconds(1)
        return error
    }

    func disconnect(_ holder: Holder, at now: ContinuousClock.Instant = .now) {
        guard connectionLimit > 0 || requestRate > 0 else { return }
        accounts.withLock { accounts in
            accounts[holder]?.connections -= 1
            guard accounts.count > Self.kept else { return }
            accounts = accounts.filter { $0.value.connections > 0 || !($0.value.bucket?.isFull(at: now) ?? true) }
        }
    }

    /// A request came.
    ///
    /// - Returns: why it is one too many.
    func request(_ holder: Holder, at now: ContinuousClock.Instant = .now) -> ToolAuthError? {
        guard requestRate > 0 else { return nil }
        let wait = accounts.withLock { accounts in
            var bucket = accounts[holder]?.bucket ?? RequestBucket(rate: requestRate, now: now)
            defer { accounts[holder, default: Account()].bucket = bucket }
            return bucket.take(at: now)
        }
        guard let wait else { return nil }
        var error = ToolAuthError(.rateLimited, "This peer may make \(requestRate) requests a second; slow down.")
        error.retryAfter = wait
        return error
    }
}

/// A token bucket that holds what comes in during a second.
struct RequestBucket: Sendable, Equatable {
    private let rate: Double
    private var level: Double
    private var updated: ContinuousClock.Instant

    init(rate: Int, now: ContinuousClock.Instant) {
        self.rate = Double(rate)
        level = self.rate
        updated = now
    }

    /// - Returns: nil if the request may be made; else when one may.
    mutating func take(at now: ContinuousClock.Instant) -> Duration? {
        level = self.level(at: now)
        updated = max(updated, now)
        guard level < 1 else {
            level -= 1
            return nil
        }
        return .seconds((1 - level) / rate)
    }

    func isFull(at now: ContinuousClock.Instant) -> Bool { level(at: now) >= rate }

    private func level(at now: ContinuousClock.Instant) -> Double {
        min(rate, level + max(0, (now - updated) / .seconds(1)) * rate)
    }
}
