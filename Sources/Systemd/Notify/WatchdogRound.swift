/// Decides when the watchdog may be fed: when every probe has answered since it last was.
struct WatchdogRound: Equatable {
    private let probes: [String]
    private var answered: Set<String> = []
    private var asked: Set<String> = []

    /// - Parameter probes: their names, each once.
    init(probes: [String]) {
        self.probes = probes
    }

    /// Begins a round: every probe that owes no answer is to be asked.
    ///
    /// - Returns: `ask`, those; `silent`, those that were asked before and have not answered.
    mutating func begin() -> (ask: [String], silent: [String]) {
        let silent = probes.filter(asked.contains)
        let ask = probes.filter { !asked.contains($0) }
        asked.formUnion(ask)
        return (ask, silent)
    }

    /// Takes an answer.
    ///
    /// - Returns: whether it was the last one missing, so that the watchdog is to be fed now.
    mutating func answer(_ probe: String) -> Bool {
        guard asked.remove(probe) != nil else { return false }
        answered.insert(probe)
        guard answered.count == probes.count else { return false }
        answered = []
        return true
    }
}
