import NIOHTTP1

/// A request that is nothing but a head, and a plain one: `GET`, a path under `/v1/tools/`, headers that change nothing about
/// how the answer is sent. Whatever else comes is left to the HTTP decoder, which judges it.
enum ExpressHead {
    /// The longest head looked at.
    static let longest = 2048

    /// Headers that mean nothing here, or that a route reads.
    private static let harmless: [StaticString] = [
        "host", "accept", "user-agent", "accept-encoding", "accept-language",
    ]

    /// - Parameter bytes: what a client sent so far.
    /// - Returns: nil unless they are one whole request of that kind, and nothing more.
    static func parse(_ bytes: UnsafeRawBufferPointer) -> HTTPRequestHead? {
        let (method, version): (StaticString, StaticString) = ("GET /v1/tools/", " HTTP/1.1")
        guard bytes.count <= longest, starts(bytes[...], method), ends(bytes[...], "\r\n\r\n") else { return nil }
        var lines = Lines(rest: bytes[..<(bytes.count - 2)])
        guard let first = lines.next(), ends(first, version) else { return nil }
        let target = first[(first.startIndex + 4)..<(first.endIndex - version.utf8CodeUnitCount)]
        guard target.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") }) else { return nil }
        var headers = HTTPHeaders()
        var hosts = 0
        while let line = lines.next() {
            guard let (name, value) = field(line), let index = harmless.firstIndex(where: { isEqual(name, $0) }) else {
                return nil
            }
            if index == 0 { hosts += 1 }
            // The only one that a route reads.
            if index == 1 { headers.add(name: "Accept", value: String(decoding: value, as: UTF8.self)) }
        }
        guard hosts == 1, lines.isOver else { return nil }
        return HTTPRequestHead(
            version: .http1_1, method: .GET, uri: String(decoding: target, as: UTF8.self), headers: headers)
    }

    /// - Returns: nil for anything but `Name: visible ASCII`.
    private static func field(
        _ line: Slice<UnsafeRawBufferPointer>
    ) -> (name: Slice<UnsafeRawBufferPointer>, value: Slice<UnsafeRawBufferPointer>)? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        var value = line[(colon + 1)...]
        while value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        while value.last == UInt8(ascii: " ") { value = value.dropLast() }
        guard value.allSatisfy({ (0x20...0x7e).contains($0) }) else { return nil }
        return (line[..<colon], value)
    }

    /// Without regard to the case of ASCII letters; `text` is in lower case.
    private static func isEqual(_ bytes: Slice<UnsafeRawBufferPointer>, _ text: StaticString) -> Bool {
        text.withUTF8Buffer { text in
            bytes.count == text.count && zip(bytes, text).allSatisfy { lowercased($0) == $1 }
        }
    }

    private static func starts(_ bytes: Slice<UnsafeRawBufferPointer>, _ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes.starts(with: $0) }
    }

    private static func ends(_ bytes: Slice<UnsafeRawBufferPointer>, _ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes.suffix($0.count).elementsEqual($0) }
    }

    /// What stands between one CRLF and the next.
    private struct Lines {
        var rest: Slice<UnsafeRawBufferPointer>

        /// Whether all of it was taken.
        var isOver: Bool { rest.isEmpty }

        /// - Returns: nil at the end, at an empty line, and at a CR or LF that stands alone.
        mutating func next() -> Slice<UnsafeRawBufferPointer>? {
            guard let end = rest.firstIndex(where: { $0 == 0x0d || $0 == 0x0a }), end > rest.startIndex,
                rest[end] == 0x0d, end + 1 < rest.endIndex, rest[end + 1] == 0x0a
            else { return nil }
            defer { rest = rest[(end + 2)...] }
            return rest[..<end]
        }
    }
}
