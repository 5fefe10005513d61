import ToolAuthCore

/// The tools of a configuration, gathered file by file.
struct ToolSet: Sendable {
    var problems: [ConfigurationProblem] = []
    private var built: [ToolID: ConfiguredTool] = [:]
    /// As they were found.
    private(set) var unavailable: [UnavailableTool] = []
    private var places: [ToolID: SourcePosition] = [:]
    /// The systemd credentials that they name.
    private(set) var credentials: Set<String> = []

    /// In the order of their ids.
    var tools: [ConfiguredTool] { built.values.sorted { $0.id < $1.id } }

    mutating func add(_ file: DocumentFile, _ builder: ToolBuilder) {
        if let failure = file.failure {
            problems.append(failure)
            let ids = file.names.compactMap { ToolID($0) }
            if ids.isEmpty { unavailable.append(UnavailableTool(toolID: nil, problems: [failure])) }
            for id in ids { refuse(id, nil, [failure], at: failure.position) }
        }
        for entry in file.entries { add(entry, builder) }
    }

    private mutating func add(_ entry: YAMLEntry, _ builder: ToolBuilder) {
        var log = ProblemLog()
        guard let id = ToolID(entry.key) else {
            log.error(at: entry.keyPosition, key: entry.key, ConfigurationDirectory.badName(entry.key))
            problems += log.problems
            unavailable.append(UnavailableTool(toolID: nil, entry: entry, problems: log.problems))
            return
        }
        if let first = places[id] {
            log.error(at: entry.keyPosition, key: id.rawValue, "tool '\(id)' is defined twice, first at \(first)")
            problems += log.problems
            refuse(id, entry, log.problems, at: first)
            return
        }
        places[id] = entry.keyPosition
        let document = ToolDocument.read(id: id, entry, builder.catalogue, &log)
        for reference in document?.clientSecrets ?? [] {
            if case .credential(let name) = reference.place.value { credentials.insert(name) }
        }
        let tool = document.flatMap { builder.build($0, &log) }
        problems += log.problems
        if let tool, !log.hasErrors { built[id] = tool } else { refuse(id, entry, log.problems, at: entry.keyPosition) }
    }

    /// Neither of two definitions is used: which one was meant is not ours to guess.
    private mutating func refuse(
        _ id: ToolID, _ entry: YAMLEntry?, _ problems: [ConfigurationProblem], at position: SourcePosition
    ) {
        built[id] = nil
        unavailable.removeAll { $0.toolID == id }
        unavailable.append(UnavailableTool(toolID: id, entry: entry, problems: problems))
        places[id] = places[id] ?? position
    }
}
