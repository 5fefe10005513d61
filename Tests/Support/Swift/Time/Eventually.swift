/// Asks again and again until `condition` holds, for what another process or task must do first.
///
/// - Returns: false if it did not hold within `limit`.
package func eventually(
    within limit: Duration = .seconds(60), every interval: Duration = .milliseconds(10),
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while true {
        if try await condition() { return true }
        if ContinuousClock.now >= deadline { return false }
        // A cancelled test stops waiting.
        do { try await Task.sleep(for: interval) } catch { return false }
    }
}
