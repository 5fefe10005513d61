import ToolAuthCore

/// A directory of documents, `tools.d` or `providers.d`.
enum ConfigurationDirectory {
    /// Its files in the order of their names, by bytes. A directory that is not there has none; one that cannot be read
    /// is a problem.
    static func files(in directory: String, _ problems: inout [ConfigurationProblem]) -> [DocumentFile] {
        do throws(FileReader.Failure) {
            return try DirectoryScan.documents(in: directory).map { DocumentFile.read(Paths.join(directory, $0)) }
        } catch {
            if !error.isMissing {
                problems.append(ConfigurationProblem(at: SourcePosition(file: directory), key: "", error.detail))
            }
            return []
        }
    }

    static func badName(_ name: String) -> String {
        "'\(name)' is no name; it takes 1 to 64 of a-z, 0-9, '_' and '-', beginning with a letter or digit"
    }
}
