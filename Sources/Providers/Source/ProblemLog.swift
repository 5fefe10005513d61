import ToolAuthCore

/// Collects what is wrong while a document is read, so that all of it is told at once.
struct ProblemLog: Sendable {
    private(set) var problems: [ConfigurationProblem] = []

    mutating func error(at position: SourcePosition, key: String, _ message: String) {
        problems.append(ConfigurationProblem(.error, at: position, key: key, message))
    }

    mutating func error(at value: YAMLValue, key: String, _ message: String) {
        error(at: value.position, key: key, message)
    }

    mutating func error<Value>(at value: Located<Value>, _ message: String) {
        error(at: value.position, key: value.key, message)
    }

    mutating func warning(at position: SourcePosition, key: String, _ message: String) {
        problems.append(ConfigurationProblem(.warning, at: position, key: key, message))
    }

    mutating func add(_ others: [ConfigurationProblem]) {
        problems += others
    }

    var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// In the order of the files and of the places in them, each once.
    var sorted: [ConfigurationProblem] { problems.inFileOrder }
}

extension [ConfigurationProblem] {
    /// In the order of the files, by bytes, and of the places in them; each problem once.
    var inFileOrder: [ConfigurationProblem] {
        var seen: Set<ConfigurationProblem> = []
        return filter { seen.insert($0).inserted }.enumerated().sorted { lhs, rhs in
            let (left, right) = (lhs.element.position, rhs.element.position)
            if !bytesEqual(left.file, right.file) { return bytesPrecede(left.file, right.file) }
            return (left.line, left.column, lhs.offset) < (right.line, right.column, rhs.offset)
        }.map(\.element)
    }
}
