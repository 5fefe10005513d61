/// Why the daemon cannot listen.
package struct ListenError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        /// Another daemon answers at this address.
        case inUse
        /// Something that is no socket has this path; it is left alone.
        case occupied
        case denied
        /// No such directory, or a path that no socket can have.
        case badPath
        case unknownGroup
        /// The service manager passed a socket that is not what its name says, or has a name we do not know.
        case unexpectedSocket
        case io
    }

    package let code: Code
    /// What is wrong, where, and what to do.
    package let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { detail }
}
