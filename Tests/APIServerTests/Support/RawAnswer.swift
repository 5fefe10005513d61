import FoundationEssentials

/// An answer as it came over the wire.
struct RawAnswer: Sendable {
    let status: Int
    /// Names in lower case.
    let fields: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a flat JSON object, values in their JSON spelling or, for strings, plain.
    func decode<Body: Decodable>(_ type: Body.Type) throws -> Body {
        try JSONDecoder().decode(type, from: Data(body))
    }

    /// - Returns: nil if the bytes hold no whole answer yet; else the answer and how many bytes it takes.
    static func parse(_ bytes: [UInt8], hasBody: Bool) -> (RawAnswer, Int)? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.utf8.indices.first(where: { text.utf8[$0...].starts(with: "\r\n\r\n".utf8) }) else {
            return nil
        }
        let lines = text[..<end].split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let name = parts[0].lowercased()
            let value = String(parts[1].drop { $0 == " " })
            fields[name] = fields[name].map { "\($0), \(value)" } ?? value
        }
        let head = text.utf8.distance(from: text.startIndex, to: end) + 4
        let length = hasBody ? fields["content-length"].flatMap { Int($0) } ?? 0 : 0
        guard bytes.count >= head + length else { return nil }
        return (RawAnswer(status: status, fields: fields, body: Array(bytes[head..<head + length])), head + length)
    }
}
