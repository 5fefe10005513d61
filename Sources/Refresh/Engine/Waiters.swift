import ToolAuthCore

/// Those who wait for the end of an attempt.
struct Waiters {
    typealias ID = UInt64

    private var lastID: ID = 0
    private var continuations: [ID: (key: ToolAuthKey, continuation: CheckedContinuation<RefreshResult, Never>)] = [:]
    private var ids: [ToolAuthKey: [ID]] = [:]

    mutating func nextID() -> ID {
        lastID += 1
        return lastID
    }

    mutating func add(_ continuation: CheckedContinuation<RefreshResult, Never>, id: ID, key: ToolAuthKey) {
        continuations[id] = (key, continuation)
        ids[key, default: []].append(id)
    }

    mutating func cancel(_ id: ID) {
        guard let waiter = continuations.removeValue(forKey: id) else { return }
        ids[waiter.key]?.removeAll { $0 == id }
        if ids[waiter.key]?.isEmpty == true { ids[waiter.key] = nil }
        waiter.continuation.resume(returning: .abandoned)
    }

    mutating func resume(_ key: ToolAuthKey, with result: RefreshResult) {
        for id in ids.removeValue(forKey: key) ?? [] {
            continuations.removeValue(forKey: id)?.continuation.resume(returning: result)
        }
    }
}
