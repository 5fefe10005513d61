import Glibc

/// The machine's own clocks: CLOCK_REALTIME, and CLOCK_BOOTTIME to notice that somebody set it.
public struct SystemWallClock: WallClock {
    public init() {}

    public var now: Timestamp { Timestamp(millisecondsSinceEpoch: Self.milliseconds(CLOCK_REALTIME)) }

    public var boot: BootReference? {
        guard let bootID = Self.bootID else { return nil }
        // Read close together: what passes between the two is far below the tolerance of a step.
        let sinceBoot = Self.milliseconds(CLOCK_BOOTTIME)
        return BootReference(bootID: bootID, offset: Self.milliseconds(CLOCK_REALTIME) - sinceBoot)
    }

    private static func milliseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// The first 64 bits of the kernel's random boot id; nil where /proc does not show it.
    private static let bootID: Int64? = {
        guard let file = fopen("/proc/sys/kernel/random/boot_id", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let digits = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }.filter { $0 != UInt8(ascii: "-") }
        return UInt64(String(decoding: digits.prefix(16), as: UTF8.self), radix: 16).map(Int64.init(bitPattern:))
    }()
}
