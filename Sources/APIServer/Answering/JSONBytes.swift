import FoundationEssentials
import NIOCore

/// Bodies of answers as JSON, their members in alphabetical order.
enum JSONBytes {
    /// - Throws: what encoding throws; none of the API's own bodies does.
    static func encode(_ body: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return ByteBuffer(bytes: try encoder.encode(body))
    }
}
