import ToolAuthCore

@testable import Refresh

/// Watches a run and says what must never happen. It knows what the provider did and what lies on disk, which the daemon
/// does not.
final class Oracle {
    /// How the sending of a refresh token ended.
    enum End: Equatable {
        case pending
        /// Nothing was rotated: not connected, or the provider said that it did nothing.
        case definite
        /// `invalid_grant`
        case rejected
        /// Nobody can know.
        case ambiguous
        case received
    }

    private struct Sending {
        let at: Int64
        /// When the attempt was claimed, which replay windows count from.
        let startedAt: Int64
        let incarnation: Int
        var end: End
    }

    private(set) var violations: [String] = []
    /// Kinds of things that happened, so that a run that proves nothing is seen as such.
    private(set) var counts: [String: Int] = [:]
    private var sendings: [String: [Sending]] = [:]
    private var inFlight: [ToolAuthKey: Int] = [:]
    /// Successors that reached a running daemon and are not on disk yet.
    private var received: [String: (key: ToolAuthKey, predecessor: String, incarnation: Int)] = [:]
    /// Refusals that reached a running daemon and are not on disk yet.
    private var refused: [String: (key: ToolAuthKey, incarnation: Int)] = [:]
    private var successor: [String: String] = [:]
    private var stored: Set<String> = []

    func violate(_ what: String, at instant: Int64) {
        // One cause brings a hundred more; the first few tell.
        if violations.count < 5 { violations.append("at \(instant) ms: \(what)") }
    }

    func count(_ what: String) { counts[what, default: 0] += 1 }

    // MARK: Sending

    /// A refresh token leaves.
    func sends(
        _ toolAuth: ToolAuth, _ policy: RefreshPolicy, incarnation: Int, claimedAt: Int64,
        unmeasurableFrom: Int64?, at instant: Int64
    ) {
        guard let token = toolAuth.refreshToken?.reveal() else {
            violate("\(toolAuth.key) was sent without a refresh token", at: instant)
            return
        }
        if inFlight[toolAuth.key] == incarnation {
            violate("two attempts for \(toolAuth.key) at once", at: instant)
        }
        inFlight[toolAuth.key] = incarnation
        if let next = successor[token], stored.contains(next) || received[next]?.incarnation == incarnation {
            violate("\(token) was sent after its successor \(next) was received", at: instant)
        }
        let former = sendings[token] ?? []
        if let last = former.last {
            check(
                token, last, former, policy, isMeasurable: unmeasurableFrom.map { last.at > $0 } ?? true, at: instant)
        }
        sendings[token, default: []].append(
            Sending(at: instant, startedAt: claimedAt, incarnation: incarnation, end: .pending))
        count("sent")
    }

    /// The rule for sending a refresh token again.
    private func check(
        _ token: String, _ last: Sending, _ former: [Sending], _ policy: RefreshPolicy,
        isMeasurable: Bool, at instant: Int64
    ) {
        switch last.end {
        case .definite: return
        case .rejected:
            if policy.rotation != .none {
                violate("\(token) was sent again after the provider refused it", at: instant)
            } else if isMeasurable, instant - last.at < 59_000 {
                violate("\(token) was to be confirmed after 60 s, not after \(instant - last.at) ms", at: instant)
            }
        case .received, .ambiguous, .pending:
            guard policy.rotation != .none, isMeasurable else { return }
            let unsettled = former.drop { $0.end == .definite || $0.end == .rejected }
            guard let first = unsettled.first else { return }
            let window = policy.replayWindow.wholeMilliseconds
            count("resent")
            if instant - first.startedAt < window { return }
            if instant - last.at < 29_000 {
                violate("\(token) was resent after \(instant - last.at) ms, outside of its window", at: instant)
            }
            let outside = unsettled.dropFirst().filter { $0.at - first.startedAt >= window && $0.end != .definite }
                .count
            if outside >= 2, instant - last.at < 890_000 {
                violate("\(token) was resent \(outside) times before, and again too soon", at: instant)
            }
        }
    }

    /// The daemon learns how it ended.
    func ended(
        _ key: ToolAuthKey, _ token: String, _ end: End, successor next: String?, incarnation: Int
    ) {
        if inFlight[key] == incarnation { inFlight[key] = nil }
        if let index = sendings[token]?.lastIndex(where: { $0.incarnation == incarnation && $0.end == .pending }) {
            sendings[token]?[index].end = end
        }
        count("\(end)")
        if end == .rejected { refused[token] = (key, incarnation) }
        if let next {
            successor[token] = next
            if !stored.contains(next) { received[next] = (key, token, incarnation) }
        }
    }

    // MARK: Storing

    /// An attempt's end is on disk: its tokens are the former ones or follow from them.
    func stores(_ toolAuth: ToolAuth, after former: ToolAuth?, at instant: Int64) {
        refused = refused.filter { $0.value.key != toolAuth.key }
        if let next = toolAuth.refreshToken?.reveal(), let token = former?.refreshToken?.reveal(), next != token,
            successor[token] != next
        {
            violate("\(next) was stored over \(token), which it does not follow", at: instant)
        }
        stores(toolAuth)
    }

    /// These tokens are on disk.
    func stores(_ toolAuth: ToolAuth) {
        guard let token = toolAuth.refreshToken?.reveal() else { return }
        stored.insert(token)
        received[token] = nil
    }

    /// The grant was replaced or forgotten; what was received for it is nobody's any more.
    func discards(_ key: ToolAuthKey) {
        received = received.filter { $0.value.key != key }
        refused = refused.filter { $0.value.key != key }
    }

    /// The daemon died: what it alone knew is gone, and none of its attempts had an end.
    func crashes(_ incarnation: Int) {
        for (token, entries) in sendings {
            for index in entries.indices where entries[index].incarnation == incarnation {
                if entries[index].end == .pending { sendings[token]?[index].end = .ambiguous }
            }
        }
        for (next, entry) in received where entry.incarnation == incarnation {
            received[next] = nil
            if let index = sendings[entry.predecessor]?.lastIndex(where: { $0.end == .received }) {
                sendings[entry.predecessor]?[index].end = .ambiguous
            }
            count("lost with the daemon")
        }
        for (token, entry) in refused where entry.incarnation == incarnation {
            refused[token] = nil
            if let index = sendings[token]?.lastIndex(where: { $0.end == .rejected }) {
                sendings[token]?[index].end = .ambiguous
            }
        }
        inFlight = inFlight.filter { $0.value != incarnation }
    }

    // MARK: Afterwards

    /// What reached the daemon and never came to lie on disk.
    func checkNothingIsLost(besides underWay: Set<ToolAuthKey>, at instant: Int64) {
        for (token, entry) in received.sorted(by: { $0.key < $1.key }) where !underWay.contains(entry.key) {
            violate("\(token) of \(entry.key) was received and never stored", at: instant)
        }
    }
}
