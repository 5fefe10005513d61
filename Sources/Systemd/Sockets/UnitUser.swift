import CSystemd
import Dispatch
import Glibc
package import Logging
import Telemetry
import ToolAuthCore

/// Asks the service manager as which user a unit runs (org.freedesktop.systemd1(5), `UID` of a service).
package final class UnitUser: Sendable {
    /// How long an answer is used: a unit may be restarted as another user.
    private static let lifetime: Duration = .seconds(5)
    /// How long the manager may take.
    private static let patience: Duration = .seconds(2)

    private struct Answer {
        let uid: UInt32?
        let until: ContinuousClock.Instant
    }

    private struct State {
        var answers: [String: Answer] = [:]
        var hasComplained = false
    }

    // Calls block, and the manager may be slow.
    private let queue = DispatchQueue(label: "toolauthd.unit-user")
    private let state = Locked(State())
    private let logger: Logger

    package init(logger: Logger) {
        self.logger = logger
    }

    /// Whether the unit runs as this user. nil where the manager does not say, which the log tells once.
    package func isUser(_ uid: UInt32, of unit: String) async -> Bool? {
        if let known = state.withLock({ $0.answers[unit] }), known.until > .now { return known.uid == uid }
        let found = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Self.ask(unit)) }
        }
        return state.withLock { state in
            // Bounded by the units that rules name.
            switch found {
            case .success(let owner):
                state.answers[unit] = Answer(uid: owner, until: .now + Self.lifetime)
                return owner == uid
            case .failure(let failure):
                if !state.hasComplained {
                    state.hasComplained = true
                    logger.tell(.unitRulesOff(unit: unit, detail: failure.description))
                }
                return nil
            }
        }
    }

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static func ask(_ unit: String) -> Result<UInt32, Failure> {
        var bus: OpaquePointer?
        var result = sd_bus_open_system(&bus)
        guard result >= 0 else { return .failure(Failure(description: errorText(-result))) }
        defer { sd_bus_flush_close_unref(bus) }
        sd_bus_set_method_call_timeout(bus, UInt64(patience / .microseconds(1)))
        var path: UnsafeMutablePointer<CChar>?
        result = sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path)
        guard result >= 0 else { return .failure(Failure(description: errorText(-result))) }
        defer { free(path) }
        var error = sd_bus_error()
        defer { sd_bus_error_free(&error) }
        var uid: UInt32 = 0
        result = sd_bus_get_property_trivial(
            bus, "org.freedesktop.systemd1", path, "org.freedesktop.systemd1.Service", "UID", &error,
            CChar(UInt8(ascii: "u")), &uid)
        guard result >= 0 else {
            return .failure(Failure(description: error.message.map { String(cString: $0) } ?? errorText(-result)))
        }
        // A service without User= has no user of its own: it runs as root.
        return .success(uid == .max ? 0 : uid)
    }
}
