package import ToolAuthCore

/// Single flight: at most one attempt per record, whoever asks for it.
///
/// A value that takes events and answers with what to start; ``RefreshEngine`` performs it.
package struct RefreshCoordinator: Sendable {
    package enum Admission: Sendable, Equatable {
        /// An attempt for the record is queued or under way; its end is the answer.
        case joined
        /// A new attempt is queued; it may be among those that start.
        case admitted
        /// The endpoint asked to be left alone until then; nothing is queued.
        case held(until: Timestamp)
        /// Nothing is begun any more.
        case stopping
    }

    private struct Work: Sendable {
        let endpoint: EndpointID
        let reason: RefreshReason
        var isRunning = false
    }

    package private(set) var governor = EndpointGovernor()
    private var work: [ToolAuthKey: Work] = [:]
    package private(set) var isStopping = false

    package init() {}

    /// Whether no attempt is queued or under way.
    package var isIdle: Bool { work.isEmpty }
    package var count: Int { work.count }
    /// The records with an attempt queued or under way.
    package var keys: [ToolAuthKey] { work.keys.sorted() }

    package func isWorking(on key: ToolAuthKey) -> Bool { work[key] != nil }

    /// Why the attempt for `key` was begun; nil: there is none.
    package func reason(for key: ToolAuthKey) -> RefreshReason? { work[key]?.reason }

    package mutating func request(
        _ key: ToolAuthKey, at endpoint: EndpointID, limit: Int, _ reason: RefreshReason, now: Timestamp
    ) -> Admission {
        if let present = work[key] {
            if reason.isForeground, !present.isRunning { governor.promote(key, at: present.endpoint) }
            return .joined
        }
        if isStopping { return .stopping }
        if let until = governor.heldUntil(at: endpoint, now: now) { return .held(until: until) }
        work[key] = Work(endpoint: endpoint, reason: reason)
        governor.enqueue(key, at: endpoint, limit: limit, isForeground: reason.isForeground)
        return .admitted
    }

    /// The attempts that may start at `now`.
    package mutating func start(now: Timestamp) -> [ToolAuthKey] {
        guard !isStopping else { return [] }
        let keys = governor.start(now: now)
        for key in keys { work[key]?.isRunning = true }
        return keys
    }

    /// An attempt is over and its end is stored.
    ///
    /// - Parameter holdUntil: the provider asked to be left alone until then.
    /// - Returns: the endpoint whose place is free again.
    package mutating func end(_ key: ToolAuthKey, holdUntil: Timestamp?, now: Timestamp) -> EndpointID? {
        guard let ended = work.removeValue(forKey: key) else { return nil }
        if let holdUntil { governor.hold(ended.endpoint, until: holdUntil) }
        governor.finish(at: ended.endpoint, now: now)
        return ended.endpoint
    }

    /// Begins nothing more.
    ///
    /// - Returns: what was queued and will not be tried.
    package mutating func stop() -> [ToolAuthKey] {
        isStopping = true
        let queued = governor.clearQueues()
        for key in queued { work[key] = nil }
        return queued
    }
}
