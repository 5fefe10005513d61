import CSystemd
import Glibc
import ToolAuthCore

/// The units of processes. libsystemd makes a name of what /proc says of a process's control groups, and looks at process 1
/// each time to do so; since the same text always makes the same name, it is asked once for each.
final class UnitNames: Sendable {
    static let shared = UnitNames()

    /// How many texts are remembered: more than a machine has services that use tokens. Then all are forgotten.
    static let capacity = 256
    /// The longest text that is remembered.
    private static let longest = 4096

    private let names = Locked<[[UInt8]: ProcessUnit]>([:])
    private let controlGroups: @Sendable (Int32) -> [UInt8]?
    private let ask: @Sendable (Int32) -> ProcessUnit

    /// - Parameters:
    ///   - controlGroups: what /proc says of a process; nil: it cannot be read, or is too long to be remembered.
    ///   - ask: what libsystemd makes of it.
    init(
        controlGroups: @escaping @Sendable (Int32) -> [UInt8]? = { controlGroups(of: $0) },
        ask: @escaping @Sendable (Int32) -> ProcessUnit = { ask($0) }
    ) {
        self.controlGroups = controlGroups
        self.ask = ask
    }

    /// The system unit that a process runs in.
    func unit(of pid: Int32) -> ProcessUnit {
        guard let groups = controlGroups(pid) else { return ask(pid) }
        if let known = names.withLock({ $0[groups] }) { return known }
        let unit = ask(pid)
        // A process may be moved while it is looked at, and the next time there may be an answer.
        guard unit != .unknown, controlGroups(pid) == groups else { return unit }
        names.withLock { names in
            if names.count >= Self.capacity { names = [:] }
            names[groups] = unit
        }
        return unit
    }

    static func ask(_ pid: Int32) -> ProcessUnit {
        var name: UnsafeMutablePointer<CChar>?
        let result = sd_pid_get_unit(pid, &name)
        if result == -ENODATA { return .outside }
        guard result >= 0, let name else { return .unknown }
        defer { free(name) }
        return .named(String(cString: name))
    }

    static func controlGroups(of pid: Int32) -> [UInt8]? {
        let file = open("/proc/\(pid)/cgroup", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let bytes = [UInt8](unsafeUninitializedCapacity: longest + 1) { buffer, count in
            // The kernel gives all of it at once, if it fits.
            count = max(0, read(file, buffer.baseAddress, buffer.count))
        }
        return bytes.isEmpty || bytes.count > longest ? nil : bytes
    }
}
