import Glibc

/// A call about a file that failed.
struct SystemFailure: Error {
    let number: Int32
    init(_ number: Int32) { self.number = number }
}

/// Removes a file, or a directory with all it holds.
func remove(_ path: String) {
    for name in entries(of: path) { remove("\(path)/\(name)") }
    if unlink(path) != 0 { rmdir(path) }
}

/// The names in a directory, sorted; none if it is not one.
func entries(of path: String) -> [String] {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

func contents(of path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else { throw SystemFailure(errno) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
}

func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws {
    guard let file = fopen(path, "w") else { throw SystemFailure(errno) }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fchmod(fileno(file), mode) == 0 else {
        throw SystemFailure(errno)
    }
}

func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
    try write(Array(text.utf8), to: path, mode: mode)
}

func permissions(of path: String) throws -> mode_t {
    var status = stat()
    guard stat(path, &status) == 0 else { throw SystemFailure(errno) }
    return status.st_mode & 0o777
}

/// All that can be seen of a directory: modes and bytes of it and its files.
struct Snapshot: Equatable {
    private let files: [String: [UInt8]]
    private let modes: [String: mode_t]

    init(_ directory: String) throws {
        var files: [String: [UInt8]] = [:]
        var modes = ["": try permissions(of: directory)]
        for name in entries(of: directory) {
            files[name] = try contents(of: "\(directory)/\(name)")
            modes[name] = try permissions(of: "\(directory)/\(name)")
        }
        self.files = files
        self.modes = modes
    }
}
