import ToolAuthCore

/// Keeps the service manager from killing a daemon that stops, for as long as refreshes are under way or not stored yet: the
/// manager's own patience counts from the beginning of the stop, and requests that wait for a full disk can use it up before
/// the engine is asked to end.
struct StopExtension: Sendable {
    private static let step: Duration = .seconds(15)

    let isUnfinished: @Sendable () async -> Bool
    let extendTimeout: @Sendable (Duration) -> Void
    let pause: @Sendable (Duration) async -> Void

    /// Returns once nothing is unfinished, or `limit` has passed.
    func run(limit: Duration) async {
        var left = limit
        while left > .zero, await isUnfinished() {
            extendTimeout(Self.step * 2)
            await pause(Self.step)
            left -= Self.step
        }
    }
}
