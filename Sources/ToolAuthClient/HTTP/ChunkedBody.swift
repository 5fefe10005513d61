/// Takes the chunked coding off a body (RFC 9112 §7.1), a piece at a time.
///
/// Chunk extensions and trailer fields are read over.
struct ChunkedBody {
    private enum State {
        case size
        case data(remaining: Int)
        case dataEnd
        case trailer
        case done
    }

    private(set) var body: [UInt8] = []
    private let limit: Int
    private var state = State.size
    private var trailerBytes = 0

    /// - Parameter limit: most bytes of body admitted.
    init(limit: Int) {
        self.limit = limit
    }

    var isDone: Bool {
        if case .done = state { true } else { false }
    }

    /// Gives away what was taken so far.
    mutating func drain() -> [UInt8] {
        defer { body = [] }
        return body
    }

    /// Takes what it can of `bytes`.
    ///
    /// - Returns: how many were taken; the rest must be given again, with more behind it.
    mutating func take(_ bytes: ArraySlice<UInt8>) throws(ReplyFault) -> Int {
        var rest = bytes
        while !isDone {
            switch state {
            case .size:
                guard let line = try Self.line(&rest, limit: 1024) else { return rest.startIndex - bytes.startIndex }
                let size = try Self.size(line)
                guard size <= limit - body.count else { throw ReplyFault("it is longer than \(limit) bytes") }
                state = size == 0 ? .trailer : .data(remaining: size)
            case .data(let remaining):
                if rest.isEmpty { return rest.startIndex - bytes.startIndex }
                let piece = rest.prefix(remaining)
                body += piece
                rest = rest.dropFirst(piece.count)
                state = piece.count == remaining ? .dataEnd : .data(remaining: remaining - piece.count)
            case .dataEnd:
                if rest.count < 2 { return rest.startIndex - bytes.startIndex }
                guard rest.starts(with: Array("\r\n".utf8)) else { throw ReplyFault("a chunk is longer than it says") }
                rest = rest.dropFirst(2)
                state = .size
            case .trailer:
                guard let line = try Self.line(&rest, limit: ReplyParser.headLimit) else {
                    return rest.startIndex - bytes.startIndex
                }
                trailerBytes += line.count
                guard trailerBytes <= ReplyParser.headLimit else { throw ReplyFault("its trailer is too long") }
                if line.isEmpty { state = .done }
            case .done:
                break
            }
        }
        return rest.startIndex - bytes.startIndex
    }

    /// Takes a line off the front, without its CR LF; nil: it is not whole yet.
    private static func line(_ rest: inout ArraySlice<UInt8>, limit: Int) throws(ReplyFault) -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
            guard rest.count <= limit else { throw ReplyFault("a line of its chunked body is too long") }
            return nil
        }
        guard end > rest.startIndex, end - rest.startIndex <= limit, rest[end - 1] == UInt8(ascii: "\r") else {
            throw ReplyFault("a line of its chunked body is malformed")
        }
        defer { rest = rest[(end + 1)...] }
        return rest[rest.startIndex..<(end - 1)]
    }

    private static func size(_ line: ArraySlice<UInt8>) throws(ReplyFault) -> Int {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        // `Int(_:radix:)` would also take a sign.
        guard (1...15).contains(digits.count), digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-"),
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw ReplyFault("the size of a chunk is not a hexadecimal number") }
        return size
    }
}
