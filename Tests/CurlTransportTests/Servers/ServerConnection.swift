import Glibc
import ToolAuthCore

/// A request as a server saw it.
struct ReceivedRequest: Sendable, Equatable {
    var head: String
    var body: String
    /// Which connection it came over, from 1.
    var connection: Int

    var line: String { head.split(separator: "\r\n", maxSplits: 1).first.map(String.init) ?? "" }

    /// The values of all headers of that name.
    func values(_ name: String) -> [String] {
        head.split(separator: "\r\n").dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name.lowercased() else {
                return nil
            }
            let value = line[line.index(after: colon)...]
            return String(value.drop { $0 == " " })
        }
    }
}

/// One accepted connection, served on a thread of its own with blocking calls.
final class ServerConnection: Sendable {
    /// From 1, in the order accepted.
    let number: Int
    let socket: Int32
    private let log: @Sendable (ReceivedRequest) -> Void
    private let unread = Locked<[UInt8]>([])

    init(_ socket: Int32, number: Int, log: @escaping @Sendable (ReceivedRequest) -> Void) {
        self.socket = socket
        self.number = number
        self.log = log
    }

    /// The next request with a Content-Length or none; nil when the client closed.
    @discardableResult
    func readRequest() -> ReceivedRequest? {
        guard let head = readHead() else { return nil }
        var request = ReceivedRequest(head: head, body: "", connection: number)
        let length = request.values("content-length").first.flatMap { Int($0) } ?? 0
        guard let body = read(length) else { return nil }
        request.body = String(decoding: body, as: UTF8.self)
        log(request)
        return request
    }

    func readHead() -> String? {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let byte = read(1) else { return nil }
            head += byte
        }
        return String(decoding: head, as: UTF8.self)
    }

    /// Exactly that many bytes; nil when the client closed before.
    func read(_ count: Int) -> [UInt8]? {
        unread.withLock { unread in
            while unread.count < count {
                var part = [UInt8](repeating: 0, count: 65536)
                let got = recv(socket, &part, part.count, 0)
                if got <= 0 { return nil }
                unread += part[..<got]
            }
            defer { unread.removeFirst(count) }
            return Array(unread[..<count])
        }
    }

    @discardableResult
    func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// - Returns: false when the client is gone.
    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    func reply(_ body: String = "ok", status: String = "200 OK", headers: [String] = []) {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
        write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    /// Says nothing more, and returns when the client closed.
    func waitForClose() {
        var part = [UInt8](repeating: 0, count: 4096)
        while recv(socket, &part, part.count, 0) > 0 {}
    }

    /// Makes the coming close a reset.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}
