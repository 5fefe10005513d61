import ToolAuthCore
import Yams

/// Puts the parser's errors into one sentence with a place.
enum YAMLFailure {
    static func problem(_ error: any Error, text: String, file: String) -> ConfigurationProblem {
        guard let error = error as? YamlError else {
            return ConfigurationProblem(at: SourcePosition(file: file), key: "", "not YAML: \(error)")
        }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            let place = SourcePosition(file: file, line: mark.line, column: mark.column)
            if let hint = hint(problem, at: mark, in: text) { return ConfigurationProblem(at: place, key: "", hint) }
            return ConfigurationProblem(at: place, key: "", "not YAML: \(sentence(context, problem))")
        case .composer(_, let problem, let mark, _):
            let place = SourcePosition(file: file, line: mark.line, column: mark.column)
            switch problem {
            case "but found another document":
                return ConfigurationProblem(
                    at: place, key: "", "a second document; a file holds one ('---' only at its top)")
            case "found undefined alias":
                return ConfigurationProblem(at: place, key: "", NodeReader.noAnchors)
            default:
                return ConfigurationProblem(at: place, key: "", "not YAML: \(problem)")
            }
        case .duplicatedKeysInMapping(let names, let context):
            return duplicate(names.first ?? "", first: context.mark, text: text, file: file)
        case .reader(let problem, let offset, _, _):
            let before = text.utf8.prefix(offset ?? 0).split(
                separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let column =
                String(decoding: Array(before.last ?? Substring().utf8), as: UTF8.self).unicodeScalars.count + 1
            let place = SourcePosition(file: file, line: max(before.count, 1), column: column)
            return ConfigurationProblem(at: place, key: "", "not text: \(problem)")
        default:
            return ConfigurationProblem(at: SourcePosition(file: file), key: "", "not YAML")
        }
    }

    static func givenTwice(_ name: String, firstLine: Int) -> String {
        "key '\(name)' is given twice, first in line \(firstLine)"
    }

    /// The parser tells only where the key stands first; the second place is looked for below it, in the same column.
    private static func duplicate(_ name: String, first mark: Mark, text: String, file: String) -> ConfigurationProblem
    {
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (index, line) in lines.enumerated().dropFirst(mark.line) {
            let indent = line.unicodeScalars.prefix { $0 == " " }.count
            if indent < mark.column - 1, let first = line.unicodeScalars.dropFirst(indent).first, first != "#",
                first != "-"
            {
                break
            }
            let rest = line.unicodeScalars.dropFirst(mark.column - 1)
            let isAtColumn = line.unicodeScalars.prefix(mark.column - 1).allSatisfy { $0 == " " || $0 == "-" }
            let isKey = ["\(name):", "\"\(name)\":", "'\(name)':"].contains { rest.starts(with: $0.unicodeScalars) }
            if isAtColumn, isKey {
                let place = SourcePosition(file: file, line: index + 1, column: mark.column)
                return ConfigurationProblem(at: place, key: name, givenTwice(name, firstLine: mark.line))
            }
        }
        let place = SourcePosition(file: file, line: mark.line, column: mark.column)
        return ConfigurationProblem(at: place, key: name, "key '\(name)' is given twice")
    }

    private static func sentence(_ context: YamlError.Context?, _ problem: String) -> String {
        guard let context, !context.text.isEmpty else { return problem }
        return "\(problem) \(context.text) that began in line \(context.mark.line)"
    }

    /// What people do, in words they know.
    private static func hint(_ problem: String, at mark: Mark, in text: String) -> String? {
        if problem.contains("aximum nesting level") {
            return "nested more than \(YAMLReader.deepestNesting) levels deep"
        }
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        guard lines.indices.contains(mark.line - 1) else { return nil }
        let scalars = Array(lines[mark.line - 1].unicodeScalars)
        guard scalars.indices.contains(mark.column - 1) else { return nil }
        switch scalars[mark.column - 1] {
        case "\t": return "a tab where YAML wants spaces"
        case "@", "`", "%": return "text that begins with '\(scalars[mark.column - 1])' needs quotes"
        default: return nil
        }
    }
}
