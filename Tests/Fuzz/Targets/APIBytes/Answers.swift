import FuzzSupport
import ToolAuthClient

/// What the daemon sent on a connection; a client of ours must understand it.
enum Answers {
    private static let headEnd = Array("\r\n\r\n".utf8)
    private static let interim = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// The status of each, in order.
    static func statuses(_ bytes: [UInt8]) -> [Int] {
        var statuses: [Int] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            if rest.starts(with: interim) {
                rest = rest.dropFirst(interim.count)
                continue
            }
            let reply = reply(&rest)
            expect(reply.head.isHTTP11, "an answer in another version")
            statuses.append(reply.status)
        }
        return statuses
    }

    /// The first, which is taken off.
    private static func reply(_ bytes: inout ArraySlice<UInt8>) -> Reply {
        guard let end = bytes.firstRange(of: headEnd)?.upperBound else { fatalError("half an answer: \(text(bytes))") }
        do {
            let head = try ReplyHead(parsing: bytes[..<(end - headEnd.count)])
            let length = head.values("content-length").first.flatMap { Int($0) } ?? 0
            var parser = ReplyParser(bodyLimit: 1 << 20)
            let reply = try parser.receive(bytes[..<end] + bytes[end...].prefix(length))
            bytes = bytes[end...].dropFirst(length)
            if let reply { return reply }
        } catch {
            fatalError("an answer is no HTTP: \(error.detail): \(text(bytes))")
        }
        fatalError("an answer is shorter than it says: \(text(bytes))")
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
