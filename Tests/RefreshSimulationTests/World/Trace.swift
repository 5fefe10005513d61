import Foundation

/// Tells what happens in a run, for looking into one seed: `SIMULATION_TRACE=WORD` prints the lines that have the word.
enum Trace {
    private static let word = ProcessInfo.processInfo.environment["SIMULATION_TRACE"]

    static func say(_ instant: Int64, _ what: () -> String) {
        guard let word else { return }
        let line = what()
        if word.isEmpty || line.contains(word) { print("\(instant): \(line)") }
    }
}
