import ToolAuthCore

/// The master keys of this moment, and where they come from.
final class KeysInForce: Sendable {
    let origin: KeyOrigin
    private let state: Locked<State>

    private struct State {
        var ring: KeyRing
        var isChanging = false
    }

    init(_ ring: KeyRing, from origin: KeyOrigin) {
        self.origin = origin
        state = Locked(State(ring: ring))
    }

    var ring: KeyRing { state.withLock { $0.ring } }

    func replace(by ring: KeyRing) { state.withLock { $0.ring = ring } }

    /// Lets one change of the keys in: file, store and ring are then changed by nobody else.
    ///
    /// - Throws: `inUse` while another is under way.
    func beginChange() throws(StoreError) {
        let isFree = state.withLock { state in
            defer { state.isChanging = true }
            return !state.isChanging
        }
        guard isFree else { throw StoreError(.inUse, "The keys are being changed already. Try again.") }
    }

    func endChange() { state.withLock { $0.isChanging = false } }
}

extension KeySource {
    var origin: KeyOrigin {
        switch self {
        case .file(let path): .file(path)
        case .credential(let name, _): .credential(name)
        }
    }
}
