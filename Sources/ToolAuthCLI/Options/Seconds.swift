import ArgumentParser

/// A span on the command line: `90`, `90s`, `10m`, `12h`, `7d`.
struct Seconds: ExpressibleByArgument, Equatable {
    let duration: Duration

    init(duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        let digits = argument.prefix { ("0"..."9").contains($0) }
        guard let count = Int64(digits), count <= 10_000_000_000 else { return nil }
        switch argument.dropFirst(digits.count) {
        case "", "s": duration = .seconds(count)
        case "m": duration = .seconds(count * 60)
        case "h": duration = .seconds(count * 3600)
        case "d": duration = .seconds(count * 86_400)
        default: return nil
        }
    }
}
