import Telemetry
import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

/// Pages of rows that a test scripts.
private final class ScriptedResealing: ResealingStore {
    struct State {
        /// The newest key of each pass; the last goes on being it.
        var keys = ["k2"]
        /// Rows of each page of a pass: sealed anew, and not opened.
        var pages = [(64, 0), (10, 2)]
        var failure: StoreError?
        var isUnfinished = false
        var begun = 0
        var limits: [Int] = []
        /// Waited for at each page.
        var gate: (@Sendable () async -> Void)?
    }

    let state = Locked(State())

    var isResealingUnfinished: Bool { state.withLock { $0.isUnfinished } }

    func beginResealing() async throws(StoreError) -> ResealingGoal {
        let (failure, goal) = state.withLock { state in
            state.begun += 1
            return (
                state.failure,
                ResealingGoal(keyID: state.keys[0], count: state.pages.reduce(0) { $0 + $1.0 + $1.1 })
            )
        }
        if let failure { throw failure }
        return goal
    }

    func reseal(from position: ResealingPosition?, limit: Int) async throws(StoreError) -> ResealedPage {
        await state.withLock { $0.gate }?()
        let number = position?.table ?? 0
        let (failure, pages) = state.withLock { state in
            state.limits.append(limit)
            return (state.failure, state.pages)
        }
        if let failure { throw failure }
        let next = number + 1 < pages.count ? ResealingPosition(table: number + 1, row: 0) : nil
        return ResealedPage(next: next, resealed: pages[number].0, unopened: pages[number].1)
    }

    func endResealing(to keyID: String) async throws(StoreError) -> Bool {
        state.withLock { state in
            if state.keys.count > 1 { state.keys.removeFirst() }
            return state.keys[0] == keyID
        }
    }
}

@Suite("Sealing with the newest key, in the background")
struct KeyRotationTests {
    private let store = ScriptedResealing()
    private let told = Told()
    private let rotation: KeyRotation
    private let admin = Administrator(uid: 0, pid: 1, rule: "root")

    private final class Told: Sendable {
        private let state = Locked<[DaemonEvent]>([])
        var events: [DaemonEvent] { state.withLock { $0 } }
        func add(_ event: DaemonEvent) { state.withLock { $0.append(event) } }
    }

    init() {
        rotation = KeyRotation(store: store, report: { [told] in told.add($0) })
    }

    private func ended() async -> KeyRotationStatus {
        #expect(await eventually { await !self.rotation.status.isRunning })
        return await rotation.status
    }

    @Test("it goes through all pages, counts, and tells of beginning and end")
    func whole() async throws {
        let begun = try await rotation.start(askedBy: admin)
        #expect(begun.total == 76)
        let status = await ended()
        #expect((status.keyID, status.resealed, status.unopened, status.problem) == ("k2", 74, 2, nil))
        #expect(status.sentence == nil)
        #expect(
            told.events == [
                .keyRotationStarted(to: "k2", count: 76, by: admin),
                .keyRotationEnded(to: "k2", resealed: 74, unopened: 2),
            ])
        #expect(store.state.withLock { $0.limits.allSatisfy { (1...128).contains($0) } }, "others are not kept waiting")
    }

    @Test("while it runs, asking for it again begins nothing, and the status says how far it is")
    func once() async throws {
        let gate = Gate()
        store.state.withLock { $0.gate = { await gate.pass() } }
        try await rotation.start(askedBy: admin)
        let again = try await rotation.start(askedBy: admin)
        #expect(again.isRunning)
        #expect(again.sentence == "Records are being sealed with the key k2: 0 of 76 so far.")
        #expect(store.state.withLock { $0.begun } == 1)
        await gate.open()
        #expect(await ended().resealed == 74)
        try await rotation.start(askedBy: admin)
        _ = await ended()
        #expect(store.state.withLock { $0.begun } == 2)
    }

    @Test("a newer key that comes meanwhile is sealed with in the end")
    func newerKey() async throws {
        store.state.withLock { $0.keys = ["k2", "k3"] }
        try await rotation.start(askedBy: admin)
        let status = await ended()
        #expect(status.keyID == "k3")
        #expect(status.resealed == 148)
        #expect(status.total == 150)
        #expect(status.unopened == 2, "of the last pass")
        #expect(told.events.last == .keyRotationEnded(to: "k3", resealed: 148, unopened: 2))
    }

    @Test("a store that fails on the way ends it, which is told and said, and it can be begun again")
    func failing() async throws {
        let gate = Gate()
        store.state.withLock { $0.gate = { await gate.pass() } }
        try await rotation.start(askedBy: admin)
        store.state.withLock { $0.failure = StoreError(.io, "The disk is full.") }
        await gate.open()
        let status = await ended()
        #expect(status.problem == "The disk is full.")
        #expect(
            status.sentence
                == "Sealing the records with the newest key ended early; to go on: toolauthctl keys rotate. (The disk is full.)"
        )
        #expect(told.events.last == .keyRotationFailed(detail: "The disk is full."))
        let failure = await #expect(throws: StoreError.self) { try await rotation.start(askedBy: admin) }
        #expect(failure?.code == .io)
        #expect(await !rotation.status.isRunning)
        store.state.withLock { $0.failure = nil }
        try await rotation.start(askedBy: admin)
        #expect(await ended().problem == nil)
    }

    @Test("what was interrupted goes on at the start, and what was not does not begin")
    func resuming() async throws {
        await rotation.resume()
        store.state.withLock { $0.isUnfinished = true }
        await rotation.resume()
        #expect(await eventually { self.told.events.count == 2 })
        #expect(told.events.first == .keyRotationStarted(to: "k2", count: 76, by: nil))
        #expect(store.state.withLock { $0.begun } == 1)
    }

    @Test("what cannot go on at the start is told")
    func resumingFails() async throws {
        store.state.withLock { ($0.isUnfinished, $0.failure) = (true, StoreError(.io, "The disk is full.")) }
        await rotation.resume()
        #expect(await eventually { self.told.events == [.keyRotationFailed(detail: "The disk is full.")] })
    }

    @Test("a stop waits for the page under way, and begins no other")
    func stop() async throws {
        let gate = Gate()
        store.state.withLock { $0.gate = { await gate.pass() } }
        try await rotation.start(askedBy: admin)
        #expect(await eventually { await gate.isAwaited })
        async let stopped: Void = rotation.stop()
        #expect(await eventually { await rotation.isStopping })
        await gate.open()
        await stopped
        let status = await rotation.status
        #expect(!status.isRunning)
        #expect(status.resealed == 64)
        #expect(told.events == [.keyRotationStarted(to: "k2", count: 76, by: admin)])
        try await rotation.start(askedBy: admin)
        #expect(store.state.withLock { $0.begun } == 1, "nothing begins once it stops")
    }
}

/// Holds up whoever comes until it is opened.
private actor Gate {
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var isOpen = false

    var isAwaited: Bool { !waiting.isEmpty }

    func pass() async {
        if isOpen { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    func open() {
        isOpen = true
        for one in waiting { one.resume() }
        waiting = []
    }
}
