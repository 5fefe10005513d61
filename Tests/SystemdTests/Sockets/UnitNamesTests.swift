import Testing
import ToolAuthCore

@testable import Systemd

@Suite("Names of units")
struct UnitNamesTests {
    /// Processes and their control groups, as /proc would show them, and who was asked about.
    private final class Processes: Sendable {
        private struct State {
            var groups: [Int32: [String?]] = [:]
            var asked: [Int32] = []
        }

        private let state = Locked(State())

        var asked: [Int32] { state.withLock { $0.asked } }

        /// - Parameter groups: what each look at it shows, one after the other, and the last for ever; nil: not to be read.
        func set(_ pid: Int32, _ groups: String?...) { state.withLock { $0.groups[pid] = groups } }

        private func look(at pid: Int32) -> [UInt8]? {
            state.withLock { state in
                guard var groups = state.groups[pid], let group = groups.first else { return nil }
                if groups.count > 1 { groups.removeFirst() }
                state.groups[pid] = groups
                return group.map { Array($0.utf8) }
            }
        }

        /// - Parameter name: of the unit of a process, by how often was asked.
        func names(_ name: @escaping @Sendable (Int32, _ time: Int) -> ProcessUnit) -> UnitNames {
            UnitNames(controlGroups: { self.look(at: $0) }) { pid in
                name(
                    pid,
                    self.state.withLock { state in
                        state.asked.append(pid)
                        return state.asked.count
                    })
            }
        }
    }

    private let processes = Processes()

    @Test(
        "a name is asked for once, whichever process has the text",
        arguments: [.named("mail.service"), .outside] as [ProcessUnit])
    func once(name: ProcessUnit) {
        let names = processes.names { _, _ in name }
        processes.set(1, "0::/a")
        processes.set(2, "0::/a")
        for pid: Int32 in [1, 2, 1, 2] { #expect(names.unit(of: pid) == name) }
        #expect(processes.asked == [1])
    }

    @Test("another text is asked for by itself")
    func another() {
        let names = processes.names { pid, _ in .named("\(pid).service") }
        processes.set(1, "0::/a")
        processes.set(2, "0::/a\n")
        for pid: Int32 in [1, 2, 1, 2] { #expect(names.unit(of: pid) == .named("\(pid).service")) }
        #expect(processes.asked == [1, 2])
    }

    @Test("the name of a process that is moved while it is looked at is remembered for neither place")
    func moved() {
        let names = processes.names { _, time in .named("\(time).service") }
        processes.set(1, "0::/a", "0::/b")
        #expect(names.unit(of: 1) == .named("1.service"))
        processes.set(2, "0::/a")
        #expect(names.unit(of: 2) == .named("2.service"))
        #expect(names.unit(of: 1) == .named("3.service"))
        #expect(processes.asked == [1, 2, 1])
        // Now both are known.
        #expect(names.unit(of: 1) == .named("3.service"))
        #expect(names.unit(of: 2) == .named("2.service"))
        #expect(processes.asked.count == 3)
    }

    @Test("a process that ends while it is looked at leaves nothing behind")
    func ended() {
        let names = processes.names { _, time in .named("\(time).service") }
        processes.set(1, "0::/a", nil)
        #expect(names.unit(of: 1) == .named("1.service"))
        processes.set(2, "0::/a")
        #expect(names.unit(of: 2) == .named("2.service"))
    }

    @Test("a process whose groups cannot be read is asked about each time")
    func unreadable() {
        let names = processes.names { _, time in .named("\(time).service") }
        processes.set(1, nil)
        for time in 1...3 { #expect(names.unit(of: 1) == .named("\(time).service")) }
        #expect(processes.asked == [1, 1, 1])
    }

    @Test("what could not be told is asked for again")
    func untold() {
        let names = processes.names { _, time in time == 1 ? .unknown : .outside }
        processes.set(1, "0::/a")
        for unit in [.unknown, .outside, .outside] as [ProcessUnit] { #expect(names.unit(of: 1) == unit) }
        #expect(processes.asked == [1, 1])
    }

    @Test("the unit of a process that does not exist cannot be told")
    func noProcess() {
        #expect(UnitNames.ask(.max) == .unknown)
    }

    @Test("when as many as it remembers are there, all are forgotten")
    func full() {
        let names = processes.names { pid, _ in .named("\(pid).service") }
        let pids = (1...UnitNames.capacity + 1).map { Int32($0) }
        for pid in pids { processes.set(pid, "0::/\(pid)") }
        for _ in 0..<2 {
            for pid in pids.dropLast() { #expect(names.unit(of: pid) == .named("\(pid).service")) }
        }
        #expect(processes.asked == pids.dropLast())
        // One too many, which is remembered itself.
        for _ in 0..<2 { #expect(names.unit(of: pids[pids.count - 1]) == .named("\(pids.count).service")) }
        #expect(processes.asked == pids)
        #expect(names.unit(of: 1) == .named("1.service"))
        #expect(processes.asked == pids + [1])
    }
}
