import Glibc
import Logging
import Providers
import Systemd
import Telemetry

/// The socket the API is served on: the service manager's, else one of our own.
struct APISocket {
    let descriptor: CInt
    /// The group of its path; nil: it cannot be told.
    let groupID: UInt32?
    private let own: UnixListener?

    init(_ settings: DaemonSettings, inherited: InheritedSockets, logger: Logger) throws {
        if let descriptor = inherited.api.first {
            if settings.namesSocket {
                logger.tell(
                    .settingIgnored(detail: "The configured socket is not used: the service manager passed one"))
            }
            self.descriptor = descriptor
            own = nil
            groupID = SocketGroup.id(ofSocket: descriptor)
            return
        }
        guard let path = settings.socketPath else {
            throw DaemonFailure(
                .configuration, "No place for the socket is known: XDG_RUNTIME_DIR is not set. Name one with --socket.")
        }
        let socket = settings.configuration.socket
        let listener = try UnixListener.bind(
            path: path, mode: socket.mode, group: socket.group, directoryMode: geteuid() == 0 ? 0o755 : 0o700)
        descriptor = listener.descriptor
        own = listener
        groupID = SocketGroup.id(ofSocket: listener.descriptor)
    }

    /// Removes the path, if it is our own.
    func cleanUp() {
        own?.cleanUp()
    }
}
