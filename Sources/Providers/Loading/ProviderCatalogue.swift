import ToolAuthCore

/// The provider documents by name, each read and checked.
struct ProviderCatalogue: Sendable {
    enum Entry: Sendable {
        case usable(ProviderDocument)
        case broken([ConfigurationProblem])
    }

    private(set) var entries: [String: Entry] = [:]
    private(set) var problems: [ConfigurationProblem] = []
    /// As written, for documents that extend them.
    let sources: ProviderSources

    /// - Parameter directories: the shipped documents' and the administrator's.
    init(directories: [String]) {
        sources = ProviderSources(directories: directories)
        problems = sources.problems
        for (name, layers) in sources.layers.sorted(by: { bytesPrecede($0.key, $1.key) }) {
            guard let source = layers.last else { continue }
            entries[name] = read(name, source)
        }
    }

    private mutating func read(_ name: String, _ source: ProviderSources.Source) -> Entry {
        switch source {
        case .broken(let problems):
            return .broken(problems)
        case .document(let document):
            var log = ProblemLog()
            let provider = sources.extended(document.value, key: name, name: name, &log).flatMap { value in
                ProviderDocument.read(name: name, value, named: document.keyPosition, key: name, &log)
            }
            problems += log.problems
            if let provider, !log.hasErrors { return .usable(provider) }
            return .broken(log.problems)
        }
    }
}
