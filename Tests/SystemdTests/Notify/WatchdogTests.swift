import Glibc
import Logging
import Synchronization
import Testing

@testable import Systemd

@Suite("Watchdog rounds")
struct WatchdogRoundTests {
    private enum Step: CustomTestStringConvertible {
        /// A round begins: these are to be asked, those are silent.
        case begin(ask: [String], silent: [String] = [])
        /// An answer: whether the watchdog is then to be fed.
        case answer(String, feed: Bool)

        var testDescription: String {
            switch self {
            case .begin(let ask, let silent): "begin(\(ask), silent \(silent))"
            case .answer(let probe, let feed): "\(probe)\(feed ? " feeds" : "")"
            }
        }
    }

    @Test(
        "the watchdog is fed when every probe has answered since it last was",
        arguments: [
            [.begin(ask: ["a", "b"]), .answer("a", feed: false), .answer("b", feed: true)],
            [.begin(ask: ["a", "b"]), .answer("b", feed: false), .answer("a", feed: true)],
            // Two rounds.
            [
                .begin(ask: ["a", "b"]), .answer("a", feed: false), .answer("b", feed: true),
                .begin(ask: ["a", "b"]), .answer("a", feed: false), .answer("b", feed: true),
            ],
            // b hangs: a goes on being asked, and feeds nothing.
            [
                .begin(ask: ["a", "b"]), .answer("a", feed: false), .begin(ask: ["a"], silent: ["b"]),
                .answer("a", feed: false), .begin(ask: ["a"], silent: ["b"]), .answer("a", feed: false),
            ],
            // b answers late.
            [
                .begin(ask: ["a", "b"]), .answer("a", feed: false), .begin(ask: ["a"], silent: ["b"]),
                .answer("b", feed: true), .answer("a", feed: false), .begin(ask: ["a", "b"]),
                .answer("b", feed: true),
            ],
            // Nobody answers.
            [.begin(ask: ["a", "b"]), .begin(ask: [], silent: ["a", "b"])],
            // Answers that nobody asked for.
            [
                .answer("a", feed: false), .begin(ask: ["a", "b"]), .answer("a", feed: false),
                .answer("a", feed: false), .answer("c", feed: false), .answer("b", feed: true),
            ],
        ] as [[Step]])
    private func table(steps: [Step]) {
        var round = WatchdogRound(probes: ["a", "b"])
        for step in steps {
            switch step {
            case .begin(let ask, let silent):
                let begun = round.begin()
                #expect(begun.ask == ask)
                #expect(begun.silent == silent)
            case .answer(let probe, let feed):
                let fed = round.answer(probe)
                #expect(fed == feed, "\(probe)")
            }
        }
    }
}

@Suite("Watchdog", .timeLimit(.minutes(1)))
struct WatchdogTests {
    private let clock = ManualClock()
    private let log = LogRecorder()
    private let fed = Counter()

    private func watchdog(_ probes: [WatchdogProbe]) -> Watchdog<ManualClock> {
        let fed = fed
        return Watchdog(timeout: .seconds(30), probes: probes, clock: clock, logger: log.logger()) { fed.increment() }
    }

    @Test("it is fed each half of the timeout while every probe answers")
    func feeds() async {
        let watchdog = watchdog([WatchdogProbe("store") {}, WatchdogProbe("refresh") {}])
        let task = Task { await watchdog.run() }
        for round in 1...3 {
            await fed.reaches(round)
            await clock.sleeperIsWaiting()
            #expect(clock.nextDeadline == clock.now.advanced(by: .seconds(15)))
            clock.advance(by: .seconds(15))
        }
        await fed.reaches(4)
        task.cancel()
        await task.value
        #expect(log.lines.isEmpty)
    }

    @Test("a probe that hangs starves it though the others go on, and the log names it")
    func starves() async {
        let asked = Counter()
        let gate = Gate()
        let watchdog = watchdog([
            WatchdogProbe("store") { await gate.wait() }, WatchdogProbe("refresh") { asked.increment() },
        ])
        let task = Task { await watchdog.run() }
        // A round that begins before the answer of the one before was heard does not ask: then it takes one more.
        while asked.value < 4 {
            await clock.sleeperIsWaiting()
            clock.advance(by: .seconds(15))
        }
        #expect(fed.value == 0)
        #expect(log.messages.contains("No progress in store: the watchdog is not fed."))
        #expect(log.messages.allSatisfy { $0.contains("store") })

        gate.open()
        await fed.reaches(1)
        task.cancel()
        await task.value
    }

    @Test("it ends when cancelled, though a probe hangs and heeds no cancellation")
    func ends() async {
        let gate = Gate()
        let watchdog = watchdog([WatchdogProbe("store") { await gate.wait() }])
        let task = Task { await watchdog.run() }
        await clock.sleeperIsWaiting()
        task.cancel()
        await task.value
        gate.open()
        #expect(fed.value == 0)
    }

    @Test(
        "the timeout is what systemd set for this very process",
        arguments: [
            ("30000000", "self", "30.0 seconds"), ("30000000", "", "30.0 seconds"), ("30000000", "1", "nil"),
            ("", "", "nil"), ("soon", "", "nil"), ("0", "", "nil"),
        ])
    func timeout(usec: String, pid: String, expected: String) async {
        await #expect(processExitsWith: .success) { [usec, pid, expected] in
            if usec.isEmpty { unsetenv("WATCHDOG_USEC") } else { setenv("WATCHDOG_USEC", usec, 1) }
            if pid.isEmpty {
                unsetenv("WATCHDOG_PID")
            } else {
                setenv("WATCHDOG_PID", pid == "self" ? String(getpid()) : pid, 1)
            }
            let timeout = WatchdogTimeout.fromEnvironment()
            exit((timeout.map { "\($0)" } ?? "nil") == expected ? 0 : 1)
        }
    }
}
