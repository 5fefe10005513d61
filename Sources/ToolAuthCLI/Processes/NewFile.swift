import Dispatch
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
    private var isNamed = false
    /// Those that end the program; not what whoever started it has it ignore, as nohup(1) does.
    private let endings = [SIGINT, SIGTERM, SIGHUP].filter { !isIgnored($0) }
    private var signals: [any DispatchSourceSignal] = []

    /// - Parameter path: where a symbolic link is, its target is what is made.
    /// - Throws: `Failure`.
    init(_ path: String) throws(Failure) {
        let path = Self.resolved(path)
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG { throw .noFile }
        self.path = path
        var template = Array("\(path).XXXXXX".utf8CString)
        // Made with mode 0600, whatever the umask (mkstemp(3)).
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw .system("\(path) cannot be made", errno) }
        temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for number in endings { signals.append(Self.discarding(temporary, at: number)) }
    }

    deinit {
        close(descriptor)
        if !isNamed { unlink(temporary) }
        for source in signals { source.cancel() }
        for number in endings { signal(number, SIG_DFL) }
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
            // Unlike rename(2), link(2) never replaces.
            guard link(temporary, path) == 0 else {
                let number = errno
                throw number == EEXIST ? .exists : .system("\(path) cannot be made", number)
            }
            unlink(temporary)
        }
        isNamed = true
        let parent = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if directory >= 0 { close(directory) } }
        guard directory >= 0, fsync(directory) == 0 else { throw .system("the directory of \(path)", errno) }
    }

    private static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self)
        return handler == unsafeBitCast(SIG_IGN, to: UInt.self)
    }

    private static func discarding(_ file: String, at number: Int32) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            unlink(file)
            signal(number, SIG_DFL)
            // To the process, not to this thread: Dispatch's threads have signals blocked.
            kill(getpid(), number)
        }
        source.activate()
        return source
    }
}
