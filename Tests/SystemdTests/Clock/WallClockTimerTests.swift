import Dispatch
import Glibc
import Synchronization
import Testing
import ToolAuthCore

@testable import Systemd

@Suite("Timer on the wall clock", .timeLimit(.minutes(1)))
struct WallClockTimerTests {
    private let clock = SystemWallClock()

    /// What a timer did.
    private final class Heard: Sendable {
        let rings = Counter()
        let clockSets = Counter()
        private let lastRing = Locked<Timestamp?>(nil)
        /// When it rang last.
        var rangAt: Timestamp? { lastRing.withLock { $0 } }

        func timer(
            read: @escaping @Sendable (TimerDescriptor) -> TimerReading = { $0.read() }
        ) throws -> WallClockTimer {
            let timer = try WallClockTimer(read: read)
            timer.onRing { [self] in
                lastRing.withLock { $0 = SystemWallClock().now }
                rings.increment()
            }
            timer.onClockSet { [self] in clockSets.increment() }
            return timer
        }
    }

    private let heard = Heard()

    /// Returns when another timer has rung for `instant`: by then one that should not ring would have.
    private func until(_ instant: Timestamp) async throws {
        let (timer, rings) = (try WallClockTimer(), Counter())
        timer.onRing { rings.increment() }
        timer.arm(at: instant)
        await rings.reaches(1)
        withExtendedLifetime(timer) {}
    }

    /// Long enough for a ring that should not come.
    private func aWhile() async throws { try await until(clock.now + .milliseconds(300)) }

    @Test("it rings at the instant, not before, and once")
    func rings() async throws {
        let timer = try heard.timer()
        let instant = clock.now + .milliseconds(250)
        timer.arm(at: instant)
        await heard.rings.reaches(1)
        #expect(try #require(heard.rangAt) >= instant)
        try await aWhile()
        #expect(heard.rings.value == 1)
        #expect(heard.clockSets.value == 0)
        withExtendedLifetime(timer) {}
    }

    @Test(
        "an instant in the past rings at once",
        arguments: [
            .distantPast, Timestamp(millisecondsSinceEpoch: 0), SystemWallClock().now - .seconds(3600),
        ] as [Timestamp])
    func past(instant: Timestamp) async throws {
        let timer = try heard.timer()
        timer.arm(at: instant)
        await heard.rings.reaches(1)
        withExtendedLifetime(timer) {}
    }

    @Test("armed for an earlier instant, it rings then, and no second time at the later one")
    func earlier() async throws {
        let timer = try heard.timer()
        let now = clock.now
        timer.arm(at: now + .milliseconds(400))
        timer.arm(at: now + .milliseconds(100))
        await heard.rings.reaches(1)
        try await until(now + .milliseconds(600))
        #expect(heard.rings.value == 1)
        withExtendedLifetime(timer) {}
    }

    @Test("armed for a later instant, it does not ring at the earlier one")
    func later() async throws {
        let timer = try heard.timer()
        let now = clock.now
        timer.arm(at: now + .milliseconds(100))
        timer.arm(at: now + .milliseconds(400))
        await heard.rings.reaches(1)
        #expect(try #require(heard.rangAt) >= now + .milliseconds(400))
        withExtendedLifetime(timer) {}
    }

    @Test("armed anew after a ring, by the ring's own handler, it rings again")
    func again() async throws {
        let timer = try WallClockTimer()
        let rings = Counter()
        timer.onRing { [weak timer] in
            rings.increment()
            if rings.value < 3 { timer?.arm(at: SystemWallClock().now + .milliseconds(10)) }
        }
        timer.arm(at: .distantPast)
        await rings.reaches(3)
        withExtendedLifetime(timer) {}
    }

    @Test("disarmed it does not ring, nor at the far end of time, and can be armed again")
    func disarmed() async throws {
        let timer = try heard.timer()
        // Far enough away that it is disarmed before, however busy the machine is.
        let instant = clock.now + .seconds(2)
        timer.arm(at: instant)
        timer.arm(at: nil)
        try await until(instant + .milliseconds(100))
        timer.arm(at: .distantFuture)
        try await aWhile()
        #expect(heard.rings.value == 0)
        timer.arm(at: .distantPast)
        await heard.rings.reaches(1)
        withExtendedLifetime(timer) {}
    }

    @Test("a clock that was set is told, and what was to ring still rings though its expiry was forgotten")
    func clockSet() async throws {
        let reads = Atomic(0)
        let timer = try heard.timer { descriptor in
            // The kernel's answer to a read after the clock was set beyond the instant.
            let reading = descriptor.read()
            return reads.wrappingAdd(1, ordering: .relaxed).newValue == 1 ? .clockSet : reading
        }
        timer.arm(at: .distantPast)
        await heard.clockSets.reaches(1)
        await heard.rings.reaches(1)
        #expect(heard.clockSets.value == 1)
        withExtendedLifetime(timer) {}
    }

    @Test("a clock that was set does not ring again what rang before")
    func clockSetAfterRing() async throws {
        let reads = Atomic(0)
        let timer = try heard.timer { descriptor in
            _ = descriptor.read()
            if reads.wrappingAdd(1, ordering: .relaxed).newValue > 1 { return .clockSet }
            // Becomes readable once more, behind the timer's back.
            _ = descriptor.arm(at: .distantPast)
            return .rang
        }
        timer.arm(at: .distantPast)
        await heard.rings.reaches(1)
        await heard.clockSets.reaches(1)
        try await aWhile()
        #expect(heard.rings.value == 1)
        #expect(heard.clockSets.value == 1)
        withExtendedLifetime(timer) {}
    }

    @Test("an expiry that was taken back before it was read rings nothing")
    func takenBack() async throws {
        let timer = try heard.timer { descriptor in
            _ = descriptor.arm(at: nil)
            return descriptor.read()
        }
        timer.arm(at: .distantPast)
        try await aWhile()
        #expect(heard.rings.value == 0)
        withExtendedLifetime(timer) {}
    }

    @Test("once it is gone, no handler is called", arguments: [0, 1, 2, 100] as [Int64])
    func gone(milliseconds: Int64) async throws {
        let isGone = Atomic(false)
        let late = Counter()
        var timer: WallClockTimer? = try WallClockTimer()
        timer?.onRing { if isGone.load(ordering: .acquiring) { late.increment() } }
        timer?.arm(at: clock.now + .milliseconds(milliseconds))
        weak let left = timer
        timer = nil
        // A handler that was being called has it a moment longer.
        while left != nil { await Task.yield() }
        isGone.store(true, ordering: .releasing)
        try await aWhile()
        #expect(late.value == 0)
    }

    @Test("its descriptor is closed once it is gone, whether or not it was ever armed")
    func closed() async {
        await #expect(processExitsWith: .success) {
            @Sendable func open() -> Int {
                (3..<1024).count { number in
                    var link = [CChar](repeating: 0, count: 64)
                    let count = readlink("/proc/self/fd/\(number)", &link, link.count)
                    return count > 0 && link.prefix(count).elementsEqual("anon_inode:[timerfd]".utf8.map(CChar.init))
                }
            }
            do {
                // Dispatch has timers of its own, and keeps them: once one of them has rung, they are there.
                let rings = Counter()
                let timer = try WallClockTimer()
                timer.onRing { rings.increment() }
                timer.arm(at: .distantPast)
                await rings.reaches(1)
                await withCheckedContinuation { continuation in
                    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(1)) { continuation.resume() }
                }
                let before = open()
                do {
                    var timers: [WallClockTimer] = []
                    for number in 0..<90 {
                        let timer = try WallClockTimer()
                        if number % 3 == 1 { timer.arm(at: nil) }
                        if number % 3 == 2 { timer.arm(at: .distantPast) }
                        timers.append(timer)
                    }
                    guard open() == before + 90 else { exit(1) }
                    timers = []
                }
                for _ in 1...1000 {
                    if open() == before { exit(0) }
                    usleep(10_000)
                }
                withExtendedLifetime(timer) {}
                exit(2)
            } catch {
                exit(3)
            }
        }
    }

    @Test("where no descriptor is left there is no timer, and the error says why")
    func noDescriptor() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 0, rlim_max: 0)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            do {
                _ = try WallClockTimer()
                exit(1)
            } catch {
                exit("\(error)" == "cannot make a timer on the wall clock: Too many open files" ? 0 : 2)
            }
        }
    }
}
