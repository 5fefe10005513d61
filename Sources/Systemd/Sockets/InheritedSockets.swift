import CSystemd
import Glibc

/// The listening sockets that the service manager opened for the daemon (sd_listen_fds(3)), by their
/// `FileDescriptorName=`. Several units, or several `ListenStream=` of one, may have the same name.
package struct InheritedSockets: Sendable, Equatable {
    /// Unix stream sockets for the API.
    package private(set) var api: [CInt] = []
    /// TCP sockets for the browser's way back.
    package private(set) var callback: [CInt] = []

    package var isEmpty: Bool { api.isEmpty && callback.isEmpty }

    /// Takes the sockets over, once: a second call finds none, and neither do children, since the variables are removed
    /// and the descriptors are close-on-exec. To be called at the start, while nothing else reads the environment.
    ///
    /// - Returns: none at all where the daemon was not started through a socket.
    /// - Throws: ``ListenError`` (`unexpectedSocket`), naming every socket that is wrong.
    package static func take() throws(ListenError) -> InheritedSockets {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        defer {
            for index in 0..<max(0, Int(count)) { free(names?[index]) }
            free(names)
        }
        guard count >= 0 else {
            throw ListenError(.unexpectedSocket, "the inherited sockets cannot be taken over: \(errorText(-count))")
        }
        var sockets: [(descriptor: CInt, name: String)] = []
        for index in 0..<Int(count) {
            let name = names?[index].map { String(cString: $0) } ?? "unknown"
            sockets.append((Self.firstDescriptor + CInt(index), name))
        }
        return try InheritedSockets(sockets)
    }

    /// Sorts sockets by name, and checks that each is what its name says.
    init(_ sockets: [(descriptor: CInt, name: String)]) throws(ListenError) {
        var faults: [String] = []
        for (descriptor, name) in sockets {
            switch name {
            case "api":
                if sd_is_socket_unix(descriptor, CInt(SOCK_STREAM.rawValue), 1, nil, 0) > 0 {
                    api.append(descriptor)
                } else {
                    faults.append("the socket named “api” (\(descriptor)) is not a listening Unix stream socket")
                }
            case "callback":
                if Self.isListeningTCP(descriptor) {
                    callback.append(descriptor)
                } else {
                    faults.append("the socket named “callback” (\(descriptor)) is not a listening TCP socket")
                }
            default:
                let shown = name.isEmpty ? "without a name" : "named “\(name)”"
                faults.append("socket \(descriptor) is \(shown), not “api” or “callback”")
            }
        }
        if faults.isEmpty { return }
        throw ListenError(
            .unexpectedSocket,
            "sockets from the service manager: \(faults.joined(separator: "; ")). "
                + "Set FileDescriptorName= and ListenStream= of the socket unit accordingly.")
    }

    private static func isListeningTCP(_ descriptor: CInt) -> Bool {
        [AF_INET, AF_INET6].contains { family in
            sd_is_socket(descriptor, family, CInt(SOCK_STREAM.rawValue), 1) > 0
        }
    }

    private static let firstDescriptor: CInt = 3
}
