import Glibc
import Testing
import ToolAuthCore

@Suite("The machine's own clocks")
struct BootReferenceTests {
    private let clock = SystemWallClock()

    @Test("while the machine runs, its boot id stays, and the wall clock keeps its distance to the time since boot")
    func steady() throws {
        let first = try #require(clock.boot)
        for _ in 1...20 {
            let next = try #require(clock.boot)
            #expect(next.bootID == first.bootID)
            #expect(next.step(since: first) == nil)
        }
    }

    @Test("the boot id is the kernel's own")
    func bootID() throws {
        let id = try #require(clock.boot?.bootID)
        let file = try #require(fopen("/proc/sys/kernel/random/boot_id", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        #expect(fgets(&line, CInt(line.count), file) != nil)
        let digits = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        #expect(digits.filter { $0 != "-" }.hasPrefix(hexadecimal(UInt64(bitPattern: id))))
    }

    private func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
