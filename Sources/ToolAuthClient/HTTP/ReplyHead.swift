/// Status line and header fields of a reply.
package struct ReplyHead: Sendable, Equatable {
    package struct Field: Sendable, Equatable {
        /// In lower case.
        package let name: String
        package let value: String
    }

    package let status: Int
    /// Whether the server speaks HTTP/1.1, not 1.0.
    package let isHTTP11: Bool
    package let fields: [Field]

    /// All values of a field, in order.
    package func values(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    /// The media type without its parameters, in lower case; empty where none is given.
    package var mediaType: String {
        let value = values("content-type").first ?? ""
        return trimmed(value.prefix { $0 != ";" }.utf8).lowercased()
    }

    /// Reads a head (RFC 9112 §4, §5).
    ///
    /// - Parameter bytes: all of it, without the empty line at its end.
    package init(parsing bytes: some Collection<UInt8>) throws(ReplyFault) {
        let lines = try Self.lines(of: Array(bytes))
        (isHTTP11, status) = try Self.statusLine(lines[0])
        var fields: [Field] = []
        for line in lines.dropFirst() {
            fields.append(try Self.field(line))
        }
        self.fields = fields
    }

    /// Splits at CR LF; a CR or LF alone is a fault, since others may take it for the end of a line.
    private static func lines(of bytes: [UInt8]) throws(ReplyFault) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        var position = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\r") where position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "\n"):
                lines.append(bytes[start..<position])
                position += 2
                start = position
            case UInt8(ascii: "\r"), UInt8(ascii: "\n"), 0:
                throw ReplyFault("its header section has a bare line break or a NUL")
            default:
                position += 1
            }
        }
        lines.append(bytes[start...])
        return lines
    }

    private static func statusLine(_ line: ArraySlice<UInt8>) throws(ReplyFault) -> (Bool, Int) {
        let bytes = Array(line)
        let fault = ReplyFault("its status line is not HTTP/1.x")
        guard bytes.count >= 12, bytes.starts(with: Array("HTTP/1.".utf8)), bytes[8] == UInt8(ascii: " "),
            bytes.count == 12 || bytes[12] == UInt8(ascii: " ")
        else { throw fault }
        guard bytes[7] == UInt8(ascii: "0") || bytes[7] == UInt8(ascii: "1") else { throw fault }
        guard let status = decimal(bytes[9..<12]), status >= 100, status < 600 else { throw fault }
        return (bytes[7] == UInt8(ascii: "1"), status)
    }

    private static func field(_ line: ArraySlice<UInt8>) throws(ReplyFault) -> Field {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
            throw ReplyFault("a header field has no name")
        }
        let name = line[..<colon]
        // No blank before the colon and no folded line (RFC 9112 §5.1, §5.2): both begin or end a name with one.
        guard name.allSatisfy(isTokenByte) else { throw ReplyFault("a header field has a malformed name") }
        return Field(
            name: String(decoding: name, as: UTF8.self).lowercased(), value: trimmed(line[line.index(after: colon)...]))
    }

    /// `tchar` of RFC 9110 §5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

/// Digits alone as a number; nil for anything else, a sign or an overflow included.
func decimal(_ digits: some Collection<UInt8>) -> Int? {
    guard (1...18).contains(digits.count) else { return nil }
    var value = 0
    for digit in digits {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
        value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value
}

/// Text without the blanks and tabs around it.
func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> String {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(decoding: bytes[first...last], as: UTF8.self)
}
