package import ToolAuthCore

/// Writes the one JSON document a client sends: a flat object of strings.
package enum JSONWriter {
    /// - Parameter pairs: in order; names are distinct.
    package static func object(_ pairs: [(name: String, value: Secret)]) -> Secret {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        for (index, pair) in pairs.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONString.append(pair.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            pair.value.withUnsafeBytes { JSONString.append($0, to: &bytes) }
        }
        bytes.append(UInt8(ascii: "}"))
        return Secret(bytes)
    }
}
