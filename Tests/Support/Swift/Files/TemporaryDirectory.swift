import FoundationEssentials
package import Glibc

/// A new directory (0700) that goes away, with all that is in it, with the last reference to it.
package final class TemporaryDirectory: Sendable {
    /// Absolute, without a slash at the end, and short enough for a socket in it.
    package let path: String

    /// - Throws: `SystemError` if there is no place for it.
    package init() throws {
        var template = Array("/tmp/toolauthd-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes it now.
    package func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of something in it.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, with the directories on the way to it, and returns its path.
    ///
    /// - Parameter mode: past the umask; nil: what the umask leaves.
    @discardableResult
    package func write(_ text: String, to name: String, mode: mode_t? = nil) throws -> String {
        try write(Array(text.utf8), to: name, mode: mode)
    }

    /// The same with bytes.
    @discardableResult
    package func write(_ bytes: [UInt8], to name: String, mode: mode_t? = nil) throws -> String {
        let path = file(name)
        let directory = path[..<(path.lastIndex(of: "/") ?? path.endIndex)]
        try FileManager.default.createDirectory(atPath: String(directory), withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: path))
        if let mode, chmod(path, mode) != 0 { throw SystemError("chmod") }
        return path
    }

    /// Makes a directory in it, with those on the way to it, and returns its path.
    @discardableResult
    package func makeDirectory(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
        return file(name)
    }

    /// What a file in it says; nil if there is none.
    package func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: file(name)).map { String(decoding: $0, as: UTF8.self) }
    }

    deinit { remove() }
}
