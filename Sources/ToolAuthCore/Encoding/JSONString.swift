/// Strings as JSON writes them.
package enum JSONString {
    /// Appends `utf8` in quotes, escaped (RFC 8259 §7); the short escapes where there are any.
    ///
    /// - Parameter utf8: well-formed UTF-8.
    package static func append(_ utf8: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        for (index, byte) in utf8.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5c {
            bytes.append(contentsOf: utf8[start..<index])
            bytes.append(contentsOf: escape(byte).utf8)
            start = index + 1
        }
        bytes.append(contentsOf: utf8[start...])
        bytes.append(UInt8(ascii: "\""))
    }

    package static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0), to: &bytes) }
    }

    private static func escape(_ byte: UInt8) -> String {
        switch byte {
        case 0x08: "\\b"
        case 0x09: "\\t"
        case 0x0a: "\\n"
        case 0x0c: "\\f"
        case 0x0d: "\\r"
        case 0x22: "\\\""
        case 0x5c: "\\\\"
        default: "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
        }
    }
}
