import ToolAuthCore
import Yams

/// Makes a ``YAMLValue`` of what the parser composed, and refuses what configuration does not need.
struct NodeReader {
    static let noAnchors = "anchors and aliases ('&', '*') are not supported; write the text out"

    let file: String

    /// - Returns: the document; nil where it is nothing.
    /// - Throws: the first problem in the order of the file.
    func read(_ node: Node) throws(ConfigurationProblem) -> YAMLValue? {
        var log = ProblemLog()
        let value = value(node, depth: 1, key: "", &log)
        if let first = log.sorted.first { throw first }
        return value.isNull ? nil : value
    }

    private func value(_ node: Node, depth: Int, key: String, _ log: inout ProblemLog) -> YAMLValue {
        let position = position(of: node)
        guard depth <= YAMLReader.deepestNesting else {
            log.error(at: position, key: "", "nested more than \(YAMLReader.deepestNesting) levels deep")
            return YAMLValue(content: .null, position: position)
        }
        if node.anchor != nil { log.error(at: position, key: key, Self.noAnchors) }
        let content: YAMLValue.Content
        switch node {
        case .scalar(let scalar):
            content = text(scalar, at: position, key: key, &log)
        case .sequence(let sequence):
            refuseTag(sequence.tag, among: [.implicit, .seq], at: position, key: key, &log)
            content = .list(sequence.map { value($0, depth: depth + 1, key: key, &log) })
        case .mapping(let mapping):
            refuseTag(mapping.tag, among: [.implicit, .map], at: position, key: key, &log)
            content = .map(entries(mapping, depth: depth, key: key, &log))
        case .alias:
            log.error(at: position, key: key, Self.noAnchors)
            content = .null
        }
        return YAMLValue(content: content, position: position)
    }

    private func text(
        _ scalar: Node.Scalar, at position: SourcePosition, key: String, _ log: inout ProblemLog
    ) -> YAMLValue.Content {
        let isPlain = scalar.style == .plain
        refuseTag(scalar.tag, among: isPlain ? [.implicit] : [.implicit, .str], at: position, key: key, &log)
        if isPlain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) { return .null }
        return .scalar(scalar.string, isPlain: isPlain)
    }

    private func entries(
        _ mapping: Node.Mapping, depth: Int, key: String, _ log: inout ProblemLog
    ) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        var lines: [[UInt8]: Int] = [:]
        for (keyNode, valueNode) in mapping {
            let position = position(of: keyNode)
            guard case .scalar(let scalar) = keyNode else {
                log.error(at: position, key: key, "a key is a name, not a list or a map")
                continue
            }
            let name = scalar.string
            let path = key.isEmpty ? name : "\(key).\(name)"
            if keyNode.anchor != nil { log.error(at: position, key: path, Self.noAnchors) }
            // The parser compared keys, for which it took plain ones for text.
            refuseTag(scalar.tag, among: [.implicit, .str], at: position, key: path, &log)
            if scalar.style == .plain, name == "<<" {
                log.error(at: position, key: path, "merge keys ('<<') are not supported; write the keys out")
                continue
            }
            // Not compared as strings, to which two spellings of 'é' are one.
            if let first = lines.updateValue(position.line, forKey: Array(name.utf8)) {
                log.error(at: position, key: path, YAMLFailure.givenTwice(name, firstLine: first))
                continue
            }
            let value = value(valueNode, depth: depth + 1, key: path, &log)
            entries.append(YAMLEntry(key: name, keyPosition: position, value: value))
        }
        return entries
    }

    private func refuseTag(
        _ tag: Tag, among allowed: [Tag.Name], at position: SourcePosition, key: String, _ log: inout ProblemLog
    ) {
        if !allowed.contains(where: { $0.rawValue == tag.description }) {
            log.error(at: position, key: key, "tags ('!') are not supported")
        }
    }

    private func position(of node: Node) -> SourcePosition {
        SourcePosition(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }
}
