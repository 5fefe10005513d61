/// Reads the header lines of a reply as libcurl hands them over, one call for each, line ending included.
///
/// Informational replies (1xx) are dropped when the next status line comes; lines after the end of the final head are
/// trailers, and left out (RFC 9110 §6.5).
struct ReplyHead {
    private(set) var headers: [(name: String, value: String)] = []
    /// Of the last status line, as the reply's own once the head is complete; 0 before there was one.
    private(set) var status = 0
    private let limit: Int
    private var taken = 0
    /// Whether the empty line after the final head came.
    private(set) var isComplete = false

    /// - Parameter limit: bytes of all lines together, those left out too.
    init(limit: Int) { self.limit = limit }

    /// - Returns: false once the lines are longer than the limit.
    mutating func take(_ line: UnsafeRawBufferPointer) -> Bool {
        taken += line.count
        guard taken <= limit else { return false }
        let text = Self.trimmed(line)
        if isComplete { return true }
        if Self.isStatusLine(text) {
            headers = []
            status = Self.status(of: text)
        } else if text.isEmpty {
            isComplete = status >= 200
        } else if line.first == 0x20 || line.first == 0x09 {
            // Obsolete folding goes on with the value of the line before (RFC 9112 §5.2).
            if let last = headers.indices.last { headers[last].value += " " + String(decoding: text, as: UTF8.self) }
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            let value = Self.trimmed(UnsafeRawBufferPointer(rebasing: text[(colon + 1)...]))
            headers.append((String(decoding: text[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
        return true
    }

    private static func isStatusLine(_ text: UnsafeRawBufferPointer) -> Bool {
        text.starts(with: "HTTP/".utf8)
    }

    /// The number after the first space; 0 if there is none.
    private static func status(of line: UnsafeRawBufferPointer) -> Int {
        guard let space = line.firstIndex(of: 0x20) else { return 0 }
        return Int(String(decoding: line[(space + 1)...].prefix(3), as: UTF8.self)) ?? 0
    }

    private static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d || $0 == 0x0a }
        guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: bytes[first...last])
    }
}
