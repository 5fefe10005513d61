/// How the end of a reply's body is known (RFC 9112 §6.3).
enum ReplyFraming: Equatable {
    case length(Int)
    case chunked
    /// Where the server closes the connection.
    case untilClose

    /// - Throws: where the fields contradict each other, which is how replies are smuggled.
    init(of head: ReplyHead) throws(ReplyFault) {
        let encodings = head.values("transfer-encoding")
        let lengths = head.values("content-length")
        if head.status == 204 || head.status == 304 {
            self = .length(0)
        } else if !encodings.isEmpty {
            guard encodings.count == 1, encodings[0].lowercased() == "chunked", head.isHTTP11, lengths.isEmpty else {
                throw ReplyFault("its Transfer-Encoding is not the single word chunked, or stands beside a length")
            }
            self = .chunked
        } else if let first = lengths.first {
            guard let length = decimal(first.utf8), lengths.allSatisfy({ $0 == first }) else {
                throw ReplyFault("its Content-Length is not one number")
            }
            self = .length(length)
        } else {
            self = .untilClose
        }
    }

    /// Whether the connection lives on after a reply with this head, framed so.
    func allowsReuse(after head: ReplyHead) -> Bool {
        let words = head.values("connection").flatMap { $0.lowercased().split(separator: ",") }
        let closes = words.contains { trimmed($0.utf8) == "close" }
        return self != .untilClose && head.isHTTP11 && !closes
    }
}
