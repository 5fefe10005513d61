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
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return [digits[..<4], digits[4..<6], digits[6..<8], digits[8..<10], digits[10...]]
            .map { $0.joined() }.joined(separator: "-")
    }
}
