import ToolAuthCore

/// Whether the store takes what is written.
enum StoreCondition: Sendable {
    case working
    /// It refused; one write tries again at `retryAt` (nil: that one is under way).
    case failing(StoreError, since: Timestamp, retryAt: Timestamp?, failures: Int)

    static let backoff = Backoff(base: .milliseconds(200), ceiling: .seconds(5), floor: .milliseconds(100))

    var error: StoreError? { if case .failing(let error, _, _, _) = self { error } else { nil } }
    var retryAt: Timestamp? { if case .failing(_, _, let retryAt, _) = self { retryAt } else { nil } }

    mutating func shift(by step: Duration) {
        guard case .failing(let error, let since, let retryAt, let failures) = self else { return }
        self = .failing(error, since: since + step, retryAt: retryAt.map { $0 + step }, failures: failures)
    }
}

extension StoreError {
    /// Whether the whole store fails, not this record alone.
    package var isOfStore: Bool {
        switch code {
        case .io, .inUse, .notAccessible, .key, .tooNew: true
        case .corrupt, .misuse: false
        }
    }
}
