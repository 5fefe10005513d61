import Glibc
import ToolAuthCore

/// Lists the configuration files of a directory.
enum DirectoryScan {
    /// The names that end in `.yaml`, in the order of their bytes. Hidden files and the backups and locks that editors
    /// leave (`.#x.yaml`, `#x.yaml#`, `x.yaml~`) are no configuration.
    ///
    /// - Throws: ``FileReader/Failure``; its `isMissing` where there is no such directory.
    static func documents(in directory: String) throws(FileReader.Failure) -> [String] {
        guard let stream = opendir(directory) else { throw FileReader.failure(errno) }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if isDocument(name) { names.append(name) }
            errno = 0
        }
        if errno != 0 { throw FileReader.failure(errno) }
        return names.sorted(by: bytesPrecede)
    }

    static func isDocument(_ name: String) -> Bool {
        guard name.hasSuffix(".yaml"), let first = name.utf8.first else { return false }
        return first != UInt8(ascii: ".") && first != UInt8(ascii: "#")
    }
}
