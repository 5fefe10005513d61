/// Makes one reply out of the bytes of a connection, however they come apart (RFC 9112).
///
/// A value without I/O: give it what was received, and then the end if there is one. Interim replies (100 Continue,
/// 103 Early Hints) are read over.
package struct ReplyParser {
    /// What the end of the connection means.
    package enum End: Equatable {
        /// The server closed without a byte.
        case nothing
        /// The end of the connection was the end of the body.
        case reply(Reply)
        case truncated
    }

    private enum State {
        case head
        case length(ReplyHead, Int)
        case chunked(ReplyHead, ChunkedBody)
        case untilClose(ReplyHead)
    }

    /// Most bytes of status line and header fields, those of interim replies included.
    package static let headLimit = 16 * 1024

    private let bodyLimit: Int
    private let isTakenInParts: Bool
    private var state = State.head
    /// Bytes not yet understood; while a body is read, those of it that came.
    private var pending: [UInt8] = []
    private var searched = 0
    private var headBytes = 0

    /// Whether any byte came.
    package private(set) var hasBegun = false

    /// - Parameters:
    ///   - bodyLimit: most bytes of body admitted.
    ///   - isTakenInParts: whether a body that ``takePart()`` gives away has no limit: it is taken as it comes.
    package init(bodyLimit: Int, isTakenInParts: Bool = false) {
        self.bodyLimit = bodyLimit
        self.isTakenInParts = isTakenInParts
    }

    /// Takes bytes that came.
    ///
    /// - Returns: the reply, once it is whole; no more bytes may be given then.
    package mutating func receive(_ bytes: some Collection<UInt8>) throws(ReplyFault) -> Reply? {
        hasBegun = hasBegun || !bytes.isEmpty
        pending += bytes
        while true {
            switch state {
            case .head:
                guard let head = try takeHead() else { return nil }
                if head.status < 200 {
                    guard head.status != 101 else { throw ReplyFault("it switches protocols unasked") }
                    continue
                }
                try begin(head)
            case .length(let head, let length):
                if pending.count < length { return nil }
                return reply(head, Array(pending.prefix(length)), excess: pending.count > length)
            case .chunked(let head, var body):
                // Parted from `state`, so that appending to the body does not copy it.
                state = .head
                let taken = try body.take(pending[...])
                pending.removeFirst(taken)
                if body.isDone { return reply(head, body.body, excess: !pending.isEmpty, framing: .chunked) }
                state = .chunked(head, body)
                return nil
            case .untilClose:
                guard pending.count <= bodyLimit else { throw ReplyFault("it is longer than \(bodyLimit) bytes") }
                return nil
            }
        }
    }

    /// Gives away what came so far of a body that is sent in chunks or with its length, with its head; nil: no such reply has
    /// begun, or it is no success, which is read whole. What ``receive(_:)`` returns in the end is the rest.
    mutating func takePart() -> (head: ReplyHead, body: [UInt8])? {
        switch state {
        case .chunked(let head, var body) where head.status == 200:
            state = .head
            let part = body.drain()
            state = .chunked(head, body)
            return (head, part)
        case .length(let head, let length) where head.status == 200:
            let part = pending
            pending = []
            state = .length(head, length - part.count)
            return (head, part)
        default: return nil
        }
    }

    /// Takes the end of the connection.
    package func end() -> End {
        if !hasBegun { return .nothing }
        if case .untilClose(let head) = state {
            return .reply(Reply(head: head, body: pending, allowsReuse: false))
        }
        return .truncated
    }

    private mutating func takeHead() throws(ReplyFault) -> ReplyHead? {
        let start = Array("HTTP/1.".utf8)
        guard pending.starts(with: start) || start.starts(with: pending) else {
            throw ReplyFault("it does not begin with HTTP/1.x")
        }
        let end = Array("\r\n\r\n".utf8)
        while searched + end.count <= pending.count {
            if pending[searched..<(searched + end.count)].elementsEqual(end) {
                headBytes += searched + end.count
                guard headBytes <= Self.headLimit else { break }
                let head = try ReplyHead(parsing: pending[..<searched])
                pending.removeFirst(searched + end.count)
                searched = 0
                return head
            }
            searched += 1
        }
        guard headBytes <= Self.headLimit, headBytes + pending.count <= Self.headLimit else {
            throw ReplyFault("its header section is longer than \(Self.headLimit) bytes")
        }
        return nil
    }

    private mutating func begin(_ head: ReplyHead) throws(ReplyFault) {
        let limit = isTakenInParts && head.status == 200 ? .max : bodyLimit
        switch try ReplyFraming(of: head) {
        case .length(let length):
            guard length <= limit else { throw ReplyFault("it is longer than \(limit) bytes") }
            state = .length(head, length)
        case .chunked: state = .chunked(head, ChunkedBody(limit: limit))
        case .untilClose: state = .untilClose(head)
        }
    }

    private func reply(_ head: ReplyHead, _ body: [UInt8], excess: Bool, framing: ReplyFraming = .length(0)) -> Reply {
        Reply(head: head, body: body, allowsReuse: !excess && framing.allowsReuse(after: head))
    }
}
