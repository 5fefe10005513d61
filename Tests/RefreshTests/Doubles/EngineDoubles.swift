import Refresh
import Synchronization
import ToolAuthCore

/// A clock that stands until it is moved.
final class TestClock: WallClock {
    private let instant: Mutex<Timestamp>

    init(_ instant: Timestamp) { self.instant = Mutex(instant) }

    var now: Timestamp { instant.withLock { $0 } }

    func advance(by duration: Duration) { instant.withLock { $0 = $0 + duration } }
}

/// Remembers what it was armed for.
final class ManualTimer: WakeTimer {
    private let instants = Mutex<(now: Timestamp?, last: Timestamp?)>((nil, nil))

    /// What it is armed for.
    var instant: Timestamp? { instants.withLock { $0.now } }
    /// The last instant it was armed for, disarmed since or not.
    var lastInstant: Timestamp? { instants.withLock { $0.last } }

    func arm(at instant: Timestamp?) {
        instants.withLock { $0 = (instant, instant ?? $0.last) }
    }
}

final class RecordedEvents: EventSink {
    private let events = Mutex<[ToolAuthEvent]>([])

    var kinds: [ToolAuthEvent.Kind] { events.withLock { $0.map(\.kind) } }

    func emit(_ event: ToolAuthEvent) { events.withLock { $0.append(event) } }

    func attemptEnded(_ report: AttemptReport) {}
}

struct OneTool: ToolDirectory {
    let tool: RefreshableTool

    init(_ tool: RefreshableTool) { self.tool = tool }

    func refreshable(_ toolID: ToolID) -> RefreshableTool? { tool }
    var endpoints: [EndpointID] { [tool.endpoint] }
}

/// A provider that answers as told, and can be made to think for a while.
final class ScriptedAuthentication: ToolAuthentication {
    private struct State {
        var attempts = 0
        var running = 0
        var mostAtOnce = 0
        var answer: RefreshOutcome?
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    let toolID = key().toolID
    private let state = Mutex(State())

    var attempts: Int { state.withLock { $0.attempts } }
    var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }

    /// nil: new tokens.
    func answer(_ outcome: RefreshOutcome?) { state.withLock { $0.answer = outcome } }

    /// Attempts do not end until ``release()``.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let held = state.withLock { state in
            defer { state.held = [] }
            state.isHeld = false
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    func tryRefreshToken(_ toolAuth: ToolAuth) async -> RefreshOutcome {
        let isHeld = state.withLock { state in
            state.attempts += 1
            state.running += 1
            state.mostAtOnce = max(state.mostAtOnce, state.running)
            return state.isHeld
        }
        if isHeld {
            await withCheckedContinuation { continuation in
                let goOn = state.withLock { state in
                    if state.isHeld { state.held.append(continuation) }
                    return !state.isHeld
                }
                if goOn { continuation.resume() }
            }
        }
        return state.withLock { state in
            state.running -= 1
            return state.answer ?? .refreshed(reply(at: start + .seconds(3000)))
        }
    }

    func getAuthURL(for userID: UserID, options: AuthURLOptions) async throws -> PendingAuthorization {
        throw ToolAuthError(.internalError, "not part of these tests")
    }

    func retrieveAuthToken(from callback: Callback, pending: PendingAuthorization) async throws -> TokenGrant {
        throw ToolAuthError(.internalError, "not part of these tests")
    }

    func revoke(_ toolAuth: ToolAuth) async throws {}
}
