/// Paths as text.
enum Paths {
    /// `path` as it is if absolute, else below `directory`.
    static func absolute(_ path: String, in directory: String) -> String {
        path.utf8.first == UInt8(ascii: "/") ? path : join(directory, path)
    }

    static func join(_ directory: String, _ name: String) -> String {
        directory.utf8.last == UInt8(ascii: "/") ? directory + name : "\(directory)/\(name)"
    }

    /// All before the last component; `.` where there is none.
    static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
