import ToolAuthCore

/// A file of authorities to trust.
enum CAFile {
    static let longest = 8 << 20

    /// - Returns: the absolute path; nil where the file cannot be used, and `log` tells why.
    static func check(_ file: Located<String>, in directory: String, _ log: inout ProblemLog) -> String? {
        let path = Paths.absolute(file.value, in: directory)
        do throws(FileReader.Failure) {
            let contents = try FileReader.read(path, limit: longest)
            if String(decoding: contents.bytes, as: UTF8.self).utf8.firstRange(of: "-----BEGIN CERTIFICATE-----".utf8)
                != nil
            {
                return path
            }
            log.error(at: file, "\(path) holds no certificate in PEM form")
        } catch {
            log.error(at: file, "\(path) \(error.detail)")
        }
        return nil
    }
}
