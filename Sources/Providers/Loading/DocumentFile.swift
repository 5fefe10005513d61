import ToolAuthCore

/// One file of documents: a map of names to documents.
struct DocumentFile: Sendable {
    let path: String
    let entries: [YAMLEntry]
    /// Why the whole file cannot be read; `entries` is then empty.
    let failure: ConfigurationProblem?
    /// The names that a file which cannot be read seems to define.
    let names: [String]

    static let longest = 1 << 20

    /// Reads a file. Never throws: what is wrong with it is part of the result.
    static func read(_ path: String) -> DocumentFile {
        let bytes: [UInt8]
        do throws(FileReader.Failure) {
            bytes = try FileReader.read(path, limit: longest).bytes
        } catch {
            let failure = ConfigurationProblem(at: SourcePosition(file: path), key: "", error.detail)
            return DocumentFile(path: path, entries: [], failure: failure, names: [])
        }
        do throws(ConfigurationProblem) {
            let value = try YAMLReader.read(bytes, file: path)
            guard let entries = value.map(\.entries) ?? [] else {
                throw ConfigurationProblem(
                    at: value?.position ?? SourcePosition(file: path), key: "",
                    "a file of documents is a map of names, not \(value?.kindName ?? "nothing")")
            }
            return DocumentFile(path: path, entries: entries, failure: nil, names: [])
        } catch {
            return DocumentFile(path: path, entries: [], failure: error, names: topLevelNames(bytes))
        }
    }

    /// What stands before a colon in the first column, each once: good enough to know whom a broken file concerns.
    static func topLevelNames(_ bytes: [UInt8]) -> [String] {
        var names: [String] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = String(decoding: line[..<colon], as: UTF8.self)
            if ToolID(name) != nil, !names.contains(name) { names.append(name) }
        }
        return names
    }
}
