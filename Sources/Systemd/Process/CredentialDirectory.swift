import Glibc
package import ToolAuthCore

/// The credentials the service manager hands to the daemon (systemd.exec(5), `LoadCredential=`): a directory of files that
/// nobody else can read.
package struct CredentialDirectory: Sendable {
    private let path: String

    package init(path: String) {
        self.path = path
    }

    /// `$CREDENTIALS_DIRECTORY`; nil: the daemon was given none.
    package static func fromEnvironment() -> CredentialDirectory? {
        guard let path = environmentVariable("CREDENTIALS_DIRECTORY"), path.hasPrefix("/") else { return nil }
        return CredentialDirectory(path: path)
    }

    /// A credential larger than this is refused, as systemd itself refuses it.
    package static let maximumSize = 1 << 20

    /// - Returns: nil if there is no credential of that name.
    package func read(_ name: String) throws(CredentialError) -> Secret? {
        guard Self.isValid(name) else { throw CredentialError(.invalidName, name: name, detail: "is not a valid name") }
        // O_NONBLOCK: opening a FIFO would wait for a writer.
        let descriptor = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw CredentialError(.unreadable, name: name, detail: "cannot be opened: \(errorText(errno))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CredentialError(.unreadable, name: name, detail: "is not a file")
        }
        guard status.st_size <= Self.maximumSize else { throw Self.tooLarge(name) }
        return try contents(of: descriptor, name: name, size: Int(status.st_size))
    }

    private func contents(of descriptor: CInt, name: String, size: Int) throws(CredentialError) -> Secret {
        // One byte more than the file has: reading it would show that the file grew.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size + 1, alignment: 1)
        defer {
            if let base = buffer.baseAddress { explicit_bzero(base, buffer.count) }
            buffer.deallocate()
        }
        var length = 0
        while length < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[length...])
            let count = retryingInterrupts { Glibc.read(descriptor, rest.baseAddress, rest.count) }
            guard count >= 0 else {
                throw CredentialError(.unreadable, name: name, detail: "cannot be read: \(errorText(errno))")
            }
            if count == 0 { return Secret(buffer[..<length]) }
            length += count
        }
        throw CredentialError(.unreadable, name: name, detail: "changed while it was read")
    }

    private static func tooLarge(_ name: String) -> CredentialError {
        CredentialError(.tooLarge, name: name, detail: "is larger than \(maximumSize >> 20) MiB")
    }

    /// A file's name, not a path: so none of `/`, `.` and `..`; and printable, so that it can be shown.
    private static func isValid(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
    }
}

/// Why a credential could not be read, though it may exist.
package struct CredentialError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        case invalidName, unreadable, tooLarge
    }

    package let code: Code
    package let name: String
    private let detail: String

    init(_ code: Code, name: String, detail: String) {
        self.code = code
        self.name = name
        self.detail = detail
    }

    package var description: String { "the credential “\(name)” \(detail)" }
}
