import ToolAuthCore

/// The provider documents as they are written: those shipped, and over them the administrator's.
struct ProviderSources: Sendable {
    /// A document, or why it cannot be read.
    enum Source: Sendable {
        case document(YAMLEntry)
        case broken([ConfigurationProblem])
    }

    /// By name; of each the shipped one comes first.
    private(set) var layers: [String: [Source]] = [:]
    private(set) var problems: [ConfigurationProblem] = []

    /// - Parameter directories: a later one replaces documents of earlier ones whole, also where its own is broken:
    ///   what an administrator replaced is never used again behind his back.
    init(directories: [String]) {
        for directory in directories {
            for (name, source) in read(directory) { layers[name, default: []].append(source) }
        }
    }

    var names: [String] { Array(layers.keys) }

    private mutating func read(_ directory: String) -> [String: Source] {
        var found: [String: Source] = [:]
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
                } else if ToolID(name) == nil {
                    log.error(at: document.keyPosition, key: name, ConfigurationDirectory.badName(name))
                }
                places[name] = places[name] ?? document.keyPosition
                problems += log.problems
                found[name] = log.hasErrors ? .broken(log.problems) : .document(document)
            }
        }
        return found
    }

    // MARK: Extending

    /// The longest chain of documents that extend each other; nobody follows a longer one.
    static let longestChain = 32

    /// A document with what it extends merged into it.
    ///
    /// - Parameters:
    ///   - key: dotted path of the document.
    ///   - name: of the document, if it is one of these; it may extend the shipped one of the same name.
    /// - Returns: nil where what it extends cannot be used; `log` tells why.
    func extended(_ value: YAMLValue, key: String, name: String?, _ log: inout ProblemLog) -> YAMLValue? {
        let chain = name.map { [Link(name: $0, layer: (layers[$0]?.count ?? 1) - 1)] } ?? []
        return extended(value, key: key, chain, &log)
    }

    private struct Link: Equatable {
        let name: String
        let layer: Int
    }

    private func extended(_ value: YAMLValue, key: String, _ chain: [Link], _ log: inout ProblemLog) -> YAMLValue? {
        let section = Section(value: value, position: value.position, key: key)
        // Anything but text is told by the schema.
        guard let base = section.located("extends"), !base.value.isEmpty else { return value }
        let own = chain.last.flatMap { bytesEqual($0.name, base.value) ? $0.layer : nil }
        let layer = own.map { $0 - 1 } ?? (layers[base.value]?.count ?? 0) - 1
        guard layer >= 0, let sources = layers[base.value] else {
            let isItself = own != nil && layers[base.value] != nil
            log.error(
                at: base,
                isItself
                    ? "extends itself, and there is no shipped document of that name"
                    : "there is no provider '\(base.value)'\(SchemaCheck.suggestion(base.value, among: names))")
            return nil
        }
        let link = Link(name: base.value, layer: layer)
        guard !chain.contains(link) else {
            let circle = (chain.map(\.name) + [base.value]).joined(separator: " → ")
            log.error(at: base, "goes in a circle: \(circle)")
            return nil
        }
        guard chain.count <= Self.longestChain else {
            log.error(at: base, "is the end of a chain of more than \(Self.longestChain) documents")
            return nil
        }
        switch sources[layer] {
        case .broken(let problems):
            let cause = problems.first?.description ?? "it cannot be read"
            log.error(at: base, "provider '\(base.value)' cannot be used: \(cause)")
            return nil
        case .document(let document):
            guard let below = extended(document.value, key: document.key, chain + [link], &log) else { return nil }
            // Without the key, the issuer is asked for the endpoint.
            return below.without("extends").merged(with: value.without("extends"), keepingNullOf: "revocation")
        }
    }
}
