import Telemetry
import ToolAuthCore

/// Seals everything with the newest key, in the background: page by page, between the writes of everybody else.
///
/// Each row names the key it is sealed with, so that what a crash or a stop interrupts is gone on with from there.
actor KeyRotation {
    /// Rows of one transaction. Other writes wait for one page at most, which takes a millisecond or two.
    private static let pageSize = 64

    private(set) var status = KeyRotationStatus()

    private let store: any ResealingStore
    private let report: @Sendable (DaemonEvent) -> Void
    private var task: Task<Void, Never>?
    private(set) var isStopping = false

    init(store: any ResealingStore, report: @escaping @Sendable (DaemonEvent) -> Void) {
        self.store = store
        self.report = report
    }

    /// Begins, unless it is under way.
    ///
    /// - Parameter administrator: who asked for it; nil: what was interrupted goes on.
    @discardableResult
    func start(askedBy administrator: Administrator?) async throws(StoreError) -> KeyRotationStatus {
        if status.isRunning || isStopping { return status }
        status = KeyRotationStatus()
        status.isRunning = true
        let goal: ResealingGoal
        do throws(StoreError) {
            goal = try await store.beginResealing()
        } catch {
            status.isRunning = false
            status.problem = error.detail
            throw error
        }
        status.keyID = goal.keyID
        status.total = goal.count
        report(.keyRotationStarted(to: goal.keyID, count: goal.count, by: administrator))
        task = Task { await run(goal) }
        return status
    }

    /// Goes on with what was interrupted, if anything was; a start does not wait for it.
    func resume() {
        guard store.isResealingUnfinished else { return }
        Task {
            do throws(StoreError) {
                try await start(askedBy: nil)
            } catch {
                if !isStopping { report(.keyRotationFailed(detail: error.detail)) }
            }
        }
    }

    /// Ends after the page under way; the next start of the daemon goes on.
    func stop() async {
        isStopping = true
        await task?.value
    }

    private func run(_ goal: ResealingGoal) async {
        var goal = goal
        do throws(StoreError) {
            while try await !pass(through: goal) {
                // A newer key came meanwhile: what was sealed anew is to be sealed once more.
                goal = try await store.beginResealing()
                status.keyID = goal.keyID
                status.total = status.resealed + goal.count
            }
        } catch {
            status.problem = error.detail
            if !isStopping { report(.keyRotationFailed(detail: error.detail)) }
        }
        status.isRunning = false
    }

    /// - Returns: false if another key is the newest by now.
    private func pass(through goal: ResealingGoal) async throws(StoreError) -> Bool {
        status.unopened = 0
        var position: ResealingPosition?
        repeat {
            if isStopping { return true }
            let page = try await store.reseal(from: position, limit: Self.pageSize)
            status.resealed += page.resealed
            status.unopened += page.unopened
            position = page.next
        } while position != nil
        guard try await store.endResealing(to: goal.keyID) else { return false }
        report(.keyRotationEnded(to: goal.keyID, resealed: status.resealed, unopened: status.unopened))
        return true
    }
}

extension KeyRotationStatus {
    /// What an administrator should know of it, in a sentence; nil: nothing.
    var sentence: String? {
        if isRunning, let keyID {
            return "Records are being sealed with the key \(keyID): \(resealed) of \(total) so far."
        }
        return problem.map {
            "Sealing the records with the newest key ended early; to go on: toolauthctl keys rotate. (\($0))"
        }
    }
}
