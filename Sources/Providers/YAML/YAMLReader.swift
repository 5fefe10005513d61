import ToolAuthCore
import Yams

/// Reads the text of one configuration file.
///
/// YAML is a large language; configuration needs little of it. Refused, each with its place: what is not UTF-8, more
/// than one document, anchors and aliases (a short file can stand for gigabytes), tags, merge keys, keys given twice or
/// that are not text, and nesting deeper than ``deepestNesting``.
enum YAMLReader {
    /// Levels of lists and maps; the schema needs eight.
    static let deepestNesting = 32
    /// So many aliases are cheap to expand whatever they stand for; more are refused before anything is expanded.
    static let mostAliases = 16

    /// - Returns: the document; nil where there is none (an empty file, or only comments).
    /// - Throws: ``ConfigurationProblem`` at the first place that is no YAML, or at what is refused before parsing.
    static func read(_ bytes: [UInt8], file: String) throws(ConfigurationProblem) -> YAMLValue? {
        var bytes = bytes[...]
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }
        if let offset = bytes.firstIndex(of: 0) {
            throw problem(after: bytes[..<offset], file: file, "a NUL byte, so this is not text")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let end = lengthOfValidPrefix(bytes)
            throw problem(after: bytes.prefix(end), file: file, "not UTF-8")
        }
        try refuseManyAliases(text, file: file)
        do {
            // Every plain scalar is text until a key says otherwise.
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            guard let node = try parser.singleRoot() else { return nil }
            // Nodes know their anchors only as long as the parser lives.
            return try withExtendedLifetime(parser) { try NodeReader(file: file).read(node) }
        } catch {
            throw (error as? ConfigurationProblem) ?? YAMLFailure.problem(error, text: text, file: file)
        }
    }

    /// A bomb needs many aliases; nothing that is not one has so many words behind a `*`, comments aside.
    private static func refuseManyAliases(_ text: String, file: String) throws(ConfigurationProblem) {
        var aliases = 0
        var line = 0
        for lineText in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            line += 1
            guard lineText.first(where: { $0 != UInt8(ascii: " ") }) != UInt8(ascii: "#") else { continue }
            var previous = UInt8(ascii: " ")
            var column = 0
            for (byte, next) in zip(lineText, lineText.dropFirst()) {
                column += 1
                if byte == UInt8(ascii: "*"), canPrecedeAlias(previous), isAnchorCharacter(next) { aliases += 1 }
                if aliases > mostAliases {
                    throw ConfigurationProblem(
                        at: SourcePosition(file: file, line: line, column: column), key: "", NodeReader.noAnchors)
                }
                previous = byte
            }
        }
    }

    private static func canPrecedeAlias(_ byte: UInt8) -> Bool { " \t[{,?:-\r".utf8.contains(byte) }

    private static func isAnchorCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func lengthOfValidPrefix(_ bytes: ArraySlice<UInt8>) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var length = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { length += UTF8.width(scalar) }
        return length
    }

    /// A problem at the first byte behind `prefix`, which is valid UTF-8.
    private static func problem(after prefix: ArraySlice<UInt8>, file: String, _ message: String)
        -> ConfigurationProblem
    {
        let lines = prefix.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let column = String(decoding: lines.last ?? [], as: UTF8.self).unicodeScalars.count + 1
        return ConfigurationProblem(
            at: SourcePosition(file: file, line: max(lines.count, 1), column: column), key: "", message)
    }
}
