/// What a server does with a whole request.
enum HTTP2Answer: Sendable {
    /// 200, with the request's body.
    case reply
    /// RST_STREAM with this error code.
    case reset(UInt8)
    /// GOAWAY that says that this stream was not looked at.
    case goAway
    case close
}

/// As much of HTTP/2 (RFC 9113) as a server needs that does not read headers.
func serveHTTP2(_ connection: ServerConnection, _ answer: (_ body: String) -> HTTP2Answer) {
    func frame(_ type: UInt8, flags: UInt8, stream: [UInt8], _ payload: [UInt8]) -> [UInt8] {
        [UInt8(payload.count >> 16 & 0xff), UInt8(payload.count >> 8 & 0xff), UInt8(payload.count & 0xff), type, flags]
            + stream + payload
    }
    guard connection.read(24)?.starts(with: "PRI * HTTP/2.0".utf8) == true else { return }
    connection.write(frame(4, flags: 0, stream: [0, 0, 0, 0], []))
    var bodies: [[UInt8]: [UInt8]] = [:]
    while let head = connection.read(9) {
        let (type, flags, stream) = (head[3], head[4], Array(head[5..<9]))
        guard let payload = connection.read(Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])) else { return }
        switch type {
        case 4 where flags & 1 == 0: connection.write(frame(4, flags: 1, stream: stream, []))
        case 0: bodies[stream, default: []] += payload
        default: break
        }
        // HEADERS or DATA with END_STREAM.
        guard type <= 1, flags & 1 == 1 else { continue }
        let body = bodies.removeValue(forKey: stream) ?? []
        switch answer(String(decoding: body, as: UTF8.self)) {
        case .reply:
            // 0x88 is `:status: 200` in HPACK's static table (RFC 7541 appendix A).
            connection.write(
                frame(1, flags: 4, stream: stream, [0x88]) + frame(0, flags: 1, stream: stream, body))
        case .reset(let code): connection.write(frame(3, flags: 0, stream: stream, [0, 0, 0, code]))
        case .goAway:
            connection.write(frame(7, flags: 0, stream: [0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 0]))
            return
        case .close: return
        }
    }
}
