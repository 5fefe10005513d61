package import ToolAuthCore

/// Writes the one JSON document a client sends: a flat object of strings.
package enum JSONWriter {
    /// - Parameter pairs: in order; names are distinct.
    package static func object(_ pairs: [(name: String, value: Secret)]) -> Secret {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        for (index, pair) in pairs.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            appendString(pair.name.utf8, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            pair.value.withUnsafeBytes { appendString($0, to: &bytes) }
        }
        bytes.append(UInt8(ascii: "}"))
        return Secret(bytes)
    }

    private static func appendString(_ text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x00..<0x20:
                bytes.append(contentsOf: "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
