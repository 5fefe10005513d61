import ToolAuthCore

/// The records that wait for their attempt at one endpoint: by precedence, and background work by what expires first.
struct EndpointQueue: Sendable {
    private struct Background: Sendable {
        let key: ToolAuthKey
        let expiresAt: Timestamp

        /// Whether it goes before `other`; records that expire together go in the order of their keys.
        func precedes(_ other: Background) -> Bool {
            expiresAt == other.expiresAt ? key < other.key : expiresAt < other.expiresAt
        }
    }

    private var foreground: [ToolAuthKey] = []
    private var urgent: [ToolAuthKey] = []
    /// Last to go first, so that the next one is taken from the end.
    private var background: [Background] = []

    var isEmpty: Bool { foreground.isEmpty && urgent.isEmpty && background.isEmpty }
    var hasForeground: Bool { !foreground.isEmpty }
    var backgroundCount: Int { background.count }
    var count: Int { foreground.count + urgent.count + background.count }

    /// - Parameter expiresAt: nil: no end is known, so it can wait for all others.
    mutating func add(_ key: ToolAuthKey, _ precedence: Precedence, expiresAt: Timestamp?) {
        switch precedence {
        case .foreground: foreground.append(key)
        case .urgent: urgent.append(key)
        case .background:
            let entry = Background(key: key, expiresAt: expiresAt ?? .distantFuture)
            background.insert(entry, at: place(of: entry))
        }
    }

    /// Somebody now waits for a key that was queued for nobody.
    mutating func promote(_ key: ToolAuthKey) {
        if let index = background.firstIndex(where: { $0.key == key }) {
            background.remove(at: index)
        } else if let index = urgent.firstIndex(of: key) {
            urgent.remove(at: index)
        } else {
            return
        }
        foreground.append(key)
    }

    mutating func remove(_ key: ToolAuthKey) {
        foreground.removeAll { $0 == key }
        urgent.removeAll { $0 == key }
        background.removeAll { $0.key == key }
    }

    /// - Parameter reserved: whether only foreground work may be taken.
    mutating func next(onlyForeground reserved: Bool) -> (key: ToolAuthKey, isForeground: Bool)? {
        if !foreground.isEmpty { return (foreground.removeFirst(), true) }
        if reserved { return nil }
        if !urgent.isEmpty { return (urgent.removeFirst(), false) }
        return background.popLast().map { ($0.key, false) }
    }

    /// Takes out all.
    mutating func removeAll() -> [ToolAuthKey] {
        let keys = foreground + urgent + background.reversed().map(\.key)
        self = EndpointQueue()
        return keys
    }

    /// Where `entry` belongs in the descending order.
    private func place(of entry: Background) -> Int {
        var low = 0
        var high = background.count
        while low < high {
            let middle = (low + high) / 2
            if entry.precedes(background[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
