import Glibc
import Testing
import ToolAuthCore

@testable import Systemd

@Suite("What the kernel says of a timer")
struct TimerReadingTests {
    @Test(
        "a read is an expiry, a clock that was set, or nothing",
        arguments: [
            (8, 0, .rang), (8, ECANCELED, .rang), (-1, ECANCELED, .clockSet), (-1, EAGAIN, .nothing), (0, 0, .nothing),
            (0, ECANCELED, .nothing), (-1, EINVAL, .nothing),
        ] as [(Int, CInt, TimerReading)])
    func table(count: Int, error: CInt, reading: TimerReading) {
        #expect(TimerReading(count: count, error: error) == reading)
    }

    @Test(
        "an instant is seconds and nanoseconds, and never one that disarms the timer",
        arguments: [
            (1, 0, 1_000_000), (1_999, 1, 999_000_000), (1_769_817_600_250, 1_769_817_600, 250_000_000), (0, 0, 1),
            (-1, 0, 1), (.min, 0, 1), (.max, 253_402_300_799, 999_000_000),
        ] as [(Int64, Int, Int)])
    func expiry(milliseconds: Int64, seconds: Int, nanoseconds: Int) {
        let expiry = TimerDescriptor.expiry(at: Timestamp(millisecondsSinceEpoch: milliseconds))
        #expect(expiry.tv_sec == seconds)
        #expect(expiry.tv_nsec == nanoseconds)
    }

    @Test("a timer that is not to ring is armed all the same, for the far end of time")
    func farEnd() {
        #expect(TimerDescriptor.expiry(at: nil).tv_sec == 253_402_300_799)
    }

    @Test("a timer's descriptor is not inherited and does not block")
    func descriptor() throws {
        let timer = try TimerDescriptor()
        #expect(fcntl(timer.number, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(timer.number, F_GETFL) & O_NONBLOCK != 0)
        #expect(timer.read() == .nothing)
    }
}
