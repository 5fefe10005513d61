import Synchronization

final class Counter: Sendable {
    private let state = Atomic(0)

    var value: Int { state.load(ordering: .acquiring) }

    func add() { state.add(1, ordering: .acquiringAndReleasing) }
}

final class Flag: Sendable {
    private let state = Atomic<Bool>(false)

    var isSet: Bool { state.load(ordering: .acquiring) }

    func set() { state.store(true, ordering: .releasing) }
}
