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
        let uid: UInt32
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

    /// Whether the unit runs as this user. nil where the manager does not say, which the log tells once,
    /// and where the unit does not run, of which processes may be left.
    package func isUser(_ uid: UInt32, of unit: String) async -> Bool? {
        if let known = state.withLock({ $0.answers[unit] }), known.until > .now { return known.uid == uid }
        let found = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Self.ask(unit)) }
        }
        return state.withLock { state in
            // Bounded by the units that rules name.
            switch found {
            case .success(nil): return nil
            case .success(let owner?):
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

    /// - Returns: nil: the unit does not run, and it is not known as whom it did.
    private static func ask(_ unit: String) -> Result<UInt32?, Failure> {
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
        if uid != .max { return .success(uid) }
        // A service without User= has no user of its own: it runs as root. One with it has none while it does not run.
        guard text("org.freedesktop.systemd1.Unit", "LoadState", of: path, bus) == "loaded",
            text("org.freedesktop.systemd1.Service", "User", of: path, bus) == ""
        else { return .success(nil) }
        return .success(0)
    }

    private static func text(
        _ interface: String, _ property: String, of path: UnsafePointer<CChar>?, _ bus: OpaquePointer?
    ) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        let result = sd_bus_get_property_string(
            bus, "org.freedesktop.systemd1", path, interface, property, nil, &value)
        guard result >= 0, let value else { return nil }
        defer { free(value) }
        return String(cString: value)
    }
}
