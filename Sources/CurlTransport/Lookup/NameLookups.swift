/// Which host names are being looked up, for whom, and which answers are still good.
///
/// A value that does no I/O. libcurl's own lookups are not used: it starts a thread for each transfer, cannot say when
/// an abandoned one ends, and so cannot be bounded. Here one lookup serves all who wait for the same name, a name that
/// hangs takes one place until its lookup really ends, and at most `limit` run at once.
struct NameLookups {
    typealias Instant = SuspendingClock.Instant

    enum Demand: Equatable {
        case known([String])
        /// ``answered(_:_:now:)`` will name the transfer.
        case wait
    }

    private let limit: Int
    private let lifetime: Duration
    private var known: [String: (addresses: [String], until: Instant)] = [:]
    private var waiting: [String: [TransferID]] = [:]
    private var running: Set<String> = []
    /// Names with waiters for which no lookup runs, the oldest first.
    private var queue: [String] = []

    /// - Parameters:
    ///   - limit: lookups at once.
    ///   - lifetime: how long an answer is good.
    init(limit: Int, lifetime: Duration) {
        self.limit = limit
        self.lifetime = lifetime
    }

    mutating func demand(_ host: String, for transfer: TransferID, now: Instant) -> Demand {
        if let answer = known[host], now < answer.until { return .known(answer.addresses) }
        if waiting[host, default: []].isEmpty, !running.contains(host) { queue.append(host) }
        waiting[host, default: []].append(transfer)
        return .wait
    }

    /// The names to look up now; each is to be answered once.
    mutating func start() -> [String] {
        let places = max(0, limit - running.count)
        let started = Array(queue.prefix(places))
        queue.removeFirst(started.count)
        running.formUnion(started)
        return started
    }

    /// - Returns: those who waited.
    mutating func answered(_ host: String, _ answer: NameAnswer, now: Instant) -> [TransferID] {
        running.remove(host)
        known = known.filter { now < $0.value.until }
        if case .addresses(let addresses) = answer { known[host] = (addresses, now + lifetime) }
        return waiting.removeValue(forKey: host) ?? []
    }

    /// The transfer no longer waits. A lookup that runs goes on.
    mutating func abandon(_ host: String, _ transfer: TransferID) {
        guard var left = waiting[host] else { return }
        left.removeAll { $0 == transfer }
        waiting[host] = left.isEmpty ? nil : left
        if left.isEmpty { queue.removeAll { $0 == host } }
    }

    /// The addresses did not lead anywhere: the next transfer looks anew.
    mutating func forget(_ host: String) { known[host] = nil }
}
