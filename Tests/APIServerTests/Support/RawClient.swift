import Glibc
import ToolAuthCore

struct SocketFailure: Error, CustomStringConvertible {
    let description: String
    /// What the kernel said; nil: it is not that a call failed.
    let errno: CInt?

    init(_ call: String) {
        let code = Glibc.errno
        description = "\(call): \(String(cString: strerror(code)))"
        errno = code
    }

    init(message: String) {
        description = message
        errno = nil
    }
}

/// A client that writes and reads bytes, so that a test can say anything at all. Every wait has a deadline.
final class RawClient: Sendable {
    private let descriptor: CInt

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SocketFailure("socket") }
        // Where this throws, deinit closes.
        guard withUnixAddress(path, { connect(descriptor, $0, $1) }) == 0 else { throw SocketFailure("connect") }
    }

    deinit { close(descriptor) }

    /// Writes all of it.
    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        guard try await sendUntilStalled(bytes, milliseconds: 10_000) == bytes.count else {
            throw SocketFailure(message: "the server does not read")
        }
    }

    /// Writes until all is gone or nothing has gone for so long.
    ///
    /// - Returns: how many bytes went.
    func sendUntilStalled(_ bytes: [UInt8], milliseconds: Int) async throws -> Int {
        var sent = 0
        let patience = Duration.milliseconds(milliseconds)
        var deadline = ContinuousClock.now + patience
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count < 0, errno == EAGAIN {
                if ContinuousClock.now > deadline { break }
                await becomesReady(descriptor, for: .writing, until: deadline)
                continue
            }
            guard count >= 0 else { throw SocketFailure("send") }
            sent += count
            deadline = ContinuousClock.now + patience
        }
        return sent
    }

    /// Ends our side only.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// All bytes until the server ends its side, or breaks the connection.
    func readToEnd() async throws -> [UInt8] {
        var all: [UInt8] = []
        while let bytes = try await read() { all += bytes }
        return all
    }

    /// Reads until what came fits; an answer without an end is read like this.
    ///
    /// - Returns: all that was not given out before.
    func readText(until isEnough: (String) -> Bool) async throws -> String {
        var text = String(decoding: buffer.withLock { $0 }, as: UTF8.self)
        while !isEnough(text) {
            guard let bytes = try await read() else { throw SocketFailure(message: "ended after: \(text)") }
            text = buffer.withLock { buffer in
                buffer += bytes
                return String(decoding: buffer, as: UTF8.self)
            }
        }
        buffer.withLock { $0 = [] }
        return text
    }

    /// Reads what has come, at least one byte, and keeps it for the next answer.
    func waitForBytes() async throws {
        let bytes = try await read() ?? []
        buffer.withLock { $0 += bytes }
    }

    /// The next answer, its body by `Content-Length`; nil if the server ended the connection first.
    func readAnswer(hasBody: Bool = true) async throws -> RawAnswer? {
        while true {
            let received = buffer.withLock { $0 }
            if let (answer, length) = RawAnswer.parse(received, hasBody: hasBody) {
                buffer.withLock { $0 = Array(received.dropFirst(length)) }
                return answer
            }
            guard let bytes = try await read() else {
                guard received.isEmpty else { throw SocketFailure(message: "half an answer: \(received.count) bytes") }
                return nil
            }
            buffer.withLock { $0 += bytes }
        }
    }

    /// Sends a request and reads its answer.
    func ask(_ request: String) async throws -> RawAnswer {
        try await send(request)
        guard let answer = try await readAnswer() else { throw SocketFailure(message: "no answer") }
        return answer
    }

    private let buffer = Locked<[UInt8]>([])

    /// - Returns: nil at the end of the stream.
    private func read() async throws -> [UInt8]? {
        let deadline = ContinuousClock.now + .seconds(20)
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            if count > 0 { return Array(bytes.prefix(count)) }
            if count == 0 || errno == ECONNRESET { return nil }
            guard errno == EAGAIN else { throw SocketFailure("recv") }
            guard ContinuousClock.now < deadline else { throw SocketFailure(message: "nothing to read for 20 s") }
            await becomesReady(descriptor, for: .reading, until: deadline)
        }
    }
}

func withUnixAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    return withUnsafePointer(to: address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
}
