import NIOCore
import SocketAPI
import ToolAuthCore

/// The body of a token's answer, byte for byte as ``JSONBytes`` would encode ``TokenBody``: the one answer that is asked
/// for so often that a general encoder is most of its cost.
enum TokenJSON {
    static func encode(_ token: IssuedToken) -> ByteBuffer {
        let record = token.record
        var json = Text()
        json.add("{\"access_token\":")
        json.add(token.accessToken)
        json.add(",\"expires_at\":")
        if let expiresAt = record.expiresAt { json.addString(expiresAt.description) } else { json.add("null") }
        json.add(",\"expires_in\":")
        // Rounded down: nobody relies on a second that is not whole.
        json.add(token.expiresIn.map { "\(max(0, $0.components.seconds))" } ?? "null")
        json.add(",\"generation\":\(record.generation),\"metadata\":{")
        for (index, entry) in record.metadata.sorted(by: { bytesPrecede($0.key, $1.key) }).enumerated() {
            if index > 0 { json.add(",") }
            json.addString(entry.key)
            json.add(":")
            json.addString(entry.value)
        }
        json.add("},\"scope\":")
        json.addString(record.scope)
        json.add(",\"token_type\":")
        json.addString(record.tokenType)
        if let warning = token.warning {
            json.add(",\"warning\":{\"detail\":")
            json.addString(warning.detail)
            json.add(",\"type\":")
            json.addString(ProblemBody.prefix + warning.kind.rawValue)
            json.add("}")
        }
        json.add("}")
        return ByteBuffer(bytes: json.bytes)
    }

    private struct Text {
        var bytes: [UInt8] = []

        mutating func add(_ text: String) { bytes += text.utf8 }

        mutating func addString(_ text: String) { JSONString.append(text, to: &bytes) }

        mutating func add(_ secret: Secret) {
            let isASCII = secret.withUnsafeBytes { secret in
                let isASCII = secret.allSatisfy { $0 < 0x80 }
                if isASCII { JSONString.append(secret, to: &bytes) }
                return isASCII
            }
            // Bytes that are no UTF-8 are repaired on the way to a string.
            if !isASCII { addString(secret.reveal()) }
        }
    }
}
