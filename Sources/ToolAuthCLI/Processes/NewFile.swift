import FoundationEssentials
import Glibc

/// A file that appears under its name when it is whole and on disk, readable by its owner alone.
///
/// Till then it lies beside, under a name of its own, and goes with the last reference or with the signal that ends the
/// program.
final class NewFile {
    enum Failure: Error {
        /// There is something of that name.
        case exists
        /// There is something of that name that is no file, and so cannot be replaced: a device, a directory.
        case noFile
        /// What was tried, and the errno.
        case system(String, Int32)
    }

    private let path: String
    private let temporary: String
    private let descriptor: Int32
    private let entry: FilesOfThisProgram.Entry
    private var isNamed = false

    /// - Parameter path: where a symbolic link is, its target is what is made.
    /// - Throws: `Failure`.
    init(_ path: String) throws(Failure) {
        let path = Self.resolved(path)
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG { throw .noFile }
        self.path = path
        // It is entered before it is made, so mkstemp(3) cannot make up its name. 64 bits are as good as never another's.
        let temporary = "\(path).\(String(UInt64.random(in: .min ... .max), radix: 36))"
        self.temporary = temporary
        guard let entry = FilesOfThisProgram.enter(temporary) else { throw .system("\(path) cannot be made", EMFILE) }
        descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)
        guard descriptor >= 0 else { throw .system("\(path) cannot be made", errno) }
        self.entry = entry
    }

    deinit {
        close(descriptor)
        if !isNamed { unlink(temporary) }
    }

    /// - Throws: `Failure.system`.
    func write(_ bytes: [UInt8]) throws(Failure) {
        try Self.write(bytes, to: descriptor, named: path)
    }

    /// Writes all of `bytes`, or says why not.
    ///
    /// - Throws: `Failure.system`.
    static func write(_ bytes: [UInt8], to descriptor: Int32, named name: String) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw .system("\(name) cannot be written", errno)
            }
        }
    }

    /// Gives it its name, once all of it is on disk.
    ///
    /// - Parameter overwriting: whether it may take the place of what has that name.
    /// - Throws: `Failure`.
    func finish(overwriting: Bool) throws(Failure) {
        guard fsync(descriptor) == 0 else { throw .system("\(path) may not be on disk", errno) }
        if overwriting {
            guard rename(temporary, path) == 0 else { throw .system("\(path) cannot be made", errno) }
        } else {
            guard Self.renameKeeping(temporary, path) else {
                let number = errno
                throw number == EEXIST ? .exists : .system("\(path) cannot be made", number)
            }
        }
        isNamed = true
        let parent = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if directory >= 0 { close(directory) } }
        guard directory >= 0, fsync(directory) == 0 else { throw .system("the directory of \(path)", errno) }
    }

    /// Does not replace; errno says why not.
    ///
    /// - Parameter link: link(2), which unlike rename(2) never replaces.
    static func renameKeeping(
        _ from: String, _ to: String, link: (String, String) -> Int32 = { Glibc.link($0, $1) }
    ) -> Bool {
        if link(from, to) == 0 {
            unlink(from)
            return true
        }
        // A file system without links, as most sticks have one. There it is looked whether the name is free.
        guard [EPERM, EOPNOTSUPP, ENOSYS].contains(errno) else { return false }
        var status = stat()
        guard lstat(to, &status) != 0 else {
            errno = EEXIST
            return false
        }
        return rename(from, to) == 0
    }

    private static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
