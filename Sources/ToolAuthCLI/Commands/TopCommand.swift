import ArgumentParser
import SocketAPI
import ToolAuthClient

struct TopCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Watch tools, statuses, what is due, and token endpoints, live.",
        discussion: """
            q ends it; any other key looks at once. Where there is no terminal that can be drawn on, the status is printed \
            again and again.
            """)

    @Option(name: [.short, .long], help: ArgumentHelp("How often to look; else 2 s.", valueName: "duration"))
    var interval: Seconds?

    @Option(help: ArgumentHelp("End after so many looks.", valueName: "number"))
    var count: Int?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
        if let interval, interval.duration < .seconds(1) { throw ValidationError("--interval is at least 1s") }
    }

    func run(in session: Session) async throws {
        if session.json {
            return session.printJSON(try await session.client.answer(to: .status()).json)
        }
        // It fails before it takes the terminal, if it fails.
        _ = try await session.client.status()
        guard let screen = FullScreen(session.context.output, environment: session.context.environment) else {
            return try await printAgainAndAgain(session)
        }
        defer { screen.close() }
        try await watch(session, screen)
    }

    private var pause: Duration { interval?.duration ?? .seconds(2) }

    private func watch(_ session: Session, _ screen: FullScreen) async throws {
        var gauge = ThroughputGauge(session)
        var looks = 0
        while true {
            var lines: [String]
            do {
                let status = try await session.client.status()
                lines = TopScreen(
                    status: status, throughput: await gauge.measure(), now: session.now, painter: session.painter
                ).lines(width: screen.size.columns)
            } catch {
                // A restart is watched, too.
                lines = [session.painter(terminalSafe("\(error)"), .red)]
            }
            looks += 1
            let (columns, rows) = screen.size
            let hint = session.painter(truncated("q quits, looks every \(spoken(pause))", to: columns), .dim)
            screen.draw(
                Self.page(lines, more: session.painter("…", .dim), hint: hint, height: rows), height: rows)
            if let count, looks >= count { return }
            switch await screen.key(within: pause) {
            case .character(UInt8(ascii: "q")), .character(UInt8(ascii: "Q")), .end: return
            case .character, .none: continue
            }
        }
    }

    /// As many lines as there are rows, the hint in the last.
    ///
    /// - Parameter more: stands for the lines that did not fit.
    static func page(_ lines: [String], more: String, hint: String, height: Int) -> [String] {
        let room = max(0, height - 1)
        let shown = lines.count > room ? (lines.prefix(max(0, room - 1)) + [more]).prefix(room) : lines[...]
        return shown + Array(repeating: "", count: room - shown.count) + [hint]
    }

    private func printAgainAndAgain(_ session: Session) async throws {
        var gauge = ThroughputGauge(session)
        var looks = 0
        while true {
            let status = try await session.client.status()
            let screen = TopScreen(
                status: status, throughput: await gauge.measure(), now: session.now, painter: session.painter)
            if looks > 0 { session.line("") }
            for line in screen.lines(width: session.context.output.width ?? 120) { session.line(line) }
            looks += 1
            if let count, looks >= count { return }
            if session.context.output.failure() != nil { return }
            try await session.context.sleep(pause)
        }
    }
}

/// Reads the metrics twice and takes the difference.
private struct ThroughputGauge {
    private let session: Session
    private var last: (sums: MetricSums, at: ContinuousClock.Instant)?

    init(_ session: Session) {
        self.session = session
    }

    /// - Returns: nil for the first time, and where this caller may not see the metrics.
    mutating func measure() async -> Throughput? {
        guard let text = try? await session.client.metrics() else { return nil }
        let now = (sums: MetricSums(text), at: ContinuousClock.now)
        defer { last = now }
        return last.flatMap { Throughput(from: $0.sums, to: now.sums, in: now.at - $0.at) }
    }
}
