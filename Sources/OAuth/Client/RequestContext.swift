package import ToolAuthCore

/// What a request is made of besides the configuration and the grant.
package struct RequestContext: Sendable {
    /// What the issuer says of itself; nil: it was not asked.
    package var server: ServerMetadata?
    /// For `${now}`.
    package var now: Timestamp
    /// For `${uuid}`: another for each request.
    package var uuid: String

    package init(server: ServerMetadata? = nil, now: Timestamp, uuid: String) {
        self.server = server
        self.now = now
        self.uuid = uuid
    }

    package init(server: ServerMetadata? = nil, now: Timestamp, random: any RandomSource) {
        self.init(server: server, now: now, uuid: random.uuid())
    }
}

extension RandomSource {
    /// A random UUID (RFC 9562 §5.4).
    func uuid() -> String {
        var bytes = bytes(16)
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0x0f)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
