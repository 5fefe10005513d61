import ToolAuthCore

/// The provider documents by name: those shipped, and the administrator's in their place.
struct ProviderCatalogue: Sendable {
    enum Entry: Sendable {
        case usable(ProviderDocument)
        case broken([ConfigurationProblem])
    }

    private(set) var entries: [String: Entry] = [:]
    private(set) var problems: [ConfigurationProblem] = []

    /// - Parameter directories: a later one replaces documents of earlier ones whole, also where its own is broken:
    ///   what an administrator replaced is never used again behind his back.
    init(directories: [String]) {
        for directory in directories {
            for (name, entry) in read(directory) { entries[name] = entry }
        }
    }

    private mutating func read(_ directory: String) -> [String: Entry] {
        var found: [String: Entry] = [:]
        var places: [String: SourcePosition] = [:]
        for file in ConfigurationDirectory.files(in: directory, &problems) {
            if let failure = file.failure {
                problems.append(failure)
                for name in file.names {
                    found[name] = .broken([failure])
                    places[name] = failure.position
                }
            }
            for document in file.entries {
                var log = ProblemLog()
                let name = document.key
                if let first = places[name] {
                    log.error(
                        at: document.keyPosition, key: name, "provider '\(name)' is defined twice, first at \(first)")
                    found[name] = .broken(log.problems)
                    problems += log.problems
                    continue
                }
                places[name] = document.keyPosition
                if ToolID(name) == nil {
                    log.error(at: document.keyPosition, key: name, ConfigurationDirectory.badName(name))
                }
                let provider = ProviderDocument.read(
                    name: name, document.value, named: document.keyPosition, key: name, &log)
                problems += log.problems
                if let provider, !log.hasErrors {
                    found[name] = .usable(provider)
                } else {
                    found[name] = .broken(log.problems)
                }
            }
        }
        return found
    }
}
