import NIOCore
import SocketAPI
import ToolAuthCore

/// The body of a token's answer, byte for byte as ``JSONBytes`` would encode ``TokenBody``: the one answer that is asked
/// for so often that a general encoder is most of its cost.
enum TokenJSON {
    static func encode(_ token: IssuedToken) -> ByteBuffer {
        let record = token.record
        var writer = Writer(
            capacity: token.accessToken.count + record.scope.utf8.count + record.metadata.count * 64 + 256)
        writer.text("{\"access_token\":")
        let isASCII = token.accessToken.withUnsafeBytes { bytes in
            let isASCII = bytes.allSatisfy { $0 < 0x80 }
            if isASCII { writer.string(bytes) }
            return isASCII
        }
        // Bytes that are no UTF-8 are repaired there.
        if !isASCII { writer.string(token.accessToken.reveal()) }
        writer.text(",\"expires_at\":")
        if let expiresAt = record.expiresAt { writer.string(expiresAt.description) } else { writer.text("null") }
        writer.text(",\"expires_in\":")
        // Rounded down: nobody relies on a second that is not whole.
        writer.text(token.expiresIn.map { "\(max(0, $0.components.seconds))" } ?? "null")
        writer.text(",\"generation\":\(record.generation),\"metadata\":{")
        for (index, entry) in record.metadata.sorted(by: { bytesPrecede($0.key, $1.key) }).enumerated() {
            if index > 0 { writer.text(",") }
            writer.string(entry.key)
            writer.text(":")
            writer.string(entry.value)
        }
        writer.text("},\"scope\":")
        writer.string(record.scope)
        writer.text(",\"token_type\":")
        writer.string(record.tokenType)
        if let warning = token.warning {
            writer.text(",\"warning\":{\"detail\":")
            writer.string(warning.detail)
            writer.text(",\"type\":")
            writer.string(ProblemBody.prefix + warning.kind.rawValue)
            writer.text("}")
        }
        writer.text("}")
        return writer.bytes
    }

    private struct Writer {
        var bytes: ByteBuffer

        init(capacity: Int) {
            bytes = ByteBufferAllocator().buffer(capacity: capacity)
        }

        mutating func text(_ text: String) { bytes.writeString(text) }

        mutating func string(_ text: String) {
            var text = text
            text.withUTF8 { string(UnsafeRawBufferPointer($0)) }
        }

        /// In quotes, escaped (RFC 8259 §7).
        mutating func string(_ utf8: UnsafeRawBufferPointer) {
            bytes.writeInteger(UInt8(ascii: "\""))
            var start = 0
            for (index, byte) in utf8.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5c {
                bytes.writeBytes(UnsafeRawBufferPointer(rebasing: utf8[start..<index]))
                escape(byte)
                start = index + 1
            }
            bytes.writeBytes(UnsafeRawBufferPointer(rebasing: utf8[start...]))
            bytes.writeInteger(UInt8(ascii: "\""))
        }

        private mutating func escape(_ byte: UInt8) {
            switch byte {
            case 0x08: text("\\b")
            case 0x09: text("\\t")
            case 0x0a: text("\\n")
            case 0x0c: text("\\f")
            case 0x0d: text("\\r")
            case 0x22: text("\\\"")
            case 0x5c: text("\\\\")
            default:
                let digits = String(byte, radix: 16)
                text("\\u00\(digits.utf8.count < 2 ? "0" : "")\(digits)")
            }
        }
    }
}
