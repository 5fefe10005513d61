package import ToolAuthCore

/// The last events, each with an id that is one more than the one before.
package struct EventHistory: Sendable {
    package struct Entry: Sendable {
        package let id: Int64
        package let event: ToolAuthEvent

        package init(id: Int64, event: ToolAuthEvent) {
            self.id = id
            self.event = event
        }
    }

    private let capacity: Int
    /// A ring once it is full: the oldest stands at ``oldest``.
    private var entries: [Entry] = []
    private var oldest = 0
    /// Of the last event, or where the history begins.
    private(set) var lastID: Int64

    /// - Parameter capacity: at least 1.
    init(after id: Int64, capacity: Int) {
        lastID = id
        self.capacity = max(1, capacity)
    }

    mutating func append(_ event: ToolAuthEvent) {
        lastID += 1
        let entry = Entry(id: lastID, event: event)
        if entries.count < capacity {
            entries.append(entry)
        } else {
            entries[oldest] = entry
            oldest = (oldest + 1) % capacity
        }
    }

    /// Whether everything after the event `id` is here.
    func reaches(after id: Int64) -> Bool {
        id <= lastID && id >= lastID - Int64(entries.count)
    }

    /// The first events after `id`, which must be reached.
    func entries(after id: Int64, limit: Int) -> [Entry] {
        let count = min(Int(lastID - id), limit)
        guard count > 0 else { return [] }
        let first = entries.count - Int(lastID - id)
        return (first..<first + count).map { entries[(oldest + $0) % entries.count] }
    }
}
