import Glibc
import Logging
import ToolAuthCore

let midnight = Timestamp(secondsSinceEpoch: 1_769_817_600)  // 2026-01-31T00:00:00Z

/// A clock that stands until it is turned.
final class ManualWallClock: WallClock {
    private let time: Locked<Timestamp>

    init(_ time: Timestamp = midnight) { self.time = Locked(time) }

    var now: Timestamp { time.withLock { $0 } }

    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// Keeps what is logged.
final class LogRecorder: Sendable {
    struct Line: Sendable {
        let level: Logger.Level
        let message: String
        let metadata: [String: String]
    }

    private let recorded = Locked<[Line]>([])

    var lines: [Line] { recorded.withLock { $0 } }
    var messages: [String] { lines.map(\.message) }

    func logger(_ level: Logger.Level = .trace) -> Logger {
        Logger(label: "test") { _ in Handler(recorder: self, logLevel: level) }
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var logLevel: Logger.Level
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = metadata.merging(event.metadata ?? [:]) { _, own in own }
            recorder.recorded.withLock {
                $0.append(
                    Line(
                        level: event.level, message: event.message.description,
                        metadata: fields.mapValues(\.description)))
            }
        }
    }
}

func key(_ tool: String = "gmail", _ user: String = "alice") -> ToolAuthKey {
    guard let toolID = ToolID(tool), let userID = UserID(user) else { preconditionFailure("\(tool)/\(user)") }
    return ToolAuthKey(toolID, userID)
}

func record(_ tool: String = "gmail", _ user: String = "alice") -> ToolAuthRecord {
    var record = ToolAuthRecord(
        key: key(tool, user), tokenType: "Bearer", scope: "mail", obtainedAt: midnight,
        expiresAt: midnight + .seconds(3600), hasAccessToken: true, hasRefreshToken: true, clientID: "client",
        tokenOrigin: "https://id.example.com:443", createdAt: midnight)
    record.refreshAt = midnight + .seconds(2700)
    record.generation = 7
    return record
}

/// Makes the file and returns its path.
@discardableResult
func writeFile(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o600) -> String {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    precondition(descriptor >= 0 && write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
    return path
}

func fileMode(_ path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
}

/// A pair of connected Unix sockets.
func socketPair(_ type: __socket_type = SOCK_STREAM) -> (CInt, CInt) {
    var pair: [CInt] = [-1, -1]
    precondition(socketpair(AF_UNIX, CInt(type.rawValue), 0, &pair) == 0)
    return (pair[0], pair[1])
}
