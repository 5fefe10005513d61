import ToolAuthCore

/// Changes of the tools in force, one after the other in the order they were asked for: each waits for the store between
/// looking at what there is and putting another in its place.
actor ChangeQueue {
    private var last: Task<Void, Never>?

    /// Runs `change` to its end when its turn comes, whatever becomes of the caller.
    func run<Value: Sendable>(
        _ change: @escaping @Sendable () async throws(ToolAuthError) -> Value
    ) async throws(ToolAuthError) -> Value {
        let before = last
        let task = Task { () -> Result<Value, ToolAuthError> in
            await before?.value
            do throws(ToolAuthError) { return .success(try await change()) } catch { return .failure(error) }
        }
        last = Task { _ = await task.value }
        return try await task.value.get()
    }
}
