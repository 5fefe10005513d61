import FoundationEssentials
import HTTPTypes
import ToolAuthCore

/// Reads request bodies: JSON objects with members that are known, given once and of the right type.
enum JSONBody {
    /// - Parameters:
    ///   - bytes: the body; where it is empty and `isOptional`, an empty object is read instead.
    ///   - keys: all members the body may have.
    /// - Throws: `unsupported-media-type`; `invalid-request` with the member it is about, or `body`.
    static func decode<Body: Decodable, Keys: CodingKey & CaseIterable>(
        _ type: Body.Type, members keys: Keys.Type, from bytes: [UInt8], _ fields: HTTPFields, isOptional: Bool = false
    ) throws(ToolAuthError) -> Body {
        if bytes.isEmpty, isOptional { return try decode(type, from: Array("{}".utf8)) }
        guard let mediaType = fields[.contentType], isJSON(mediaType) else {
            throw ToolAuthError(.unsupportedMediaType, "Send the body as JSON, with Content-Type: application/json.")
        }
        let body = try decode(type, from: bytes)
        let members = JSONMembers(bytes)
        if members.hasTrailingComma { throw malformed }
        if let duplicate = members.duplicate {
            throw .invalidRequest(field: duplicate, "The body has a member twice.")
        }
        let known = Keys.allCases.map(\.stringValue)
        if let unknown = members.names.first(where: { name in !known.contains { bytesEqual($0, name) } }) {
            throw .invalidRequest(
                field: unknown, "The body has an unknown member; known are \(known.joined(separator: ", ")).")
        }
        return body
    }

    private static func decode<Body: Decodable>(
        _ type: Body.Type, from bytes: [UInt8]
    ) throws(ToolAuthError) -> Body {
        // JSONDecoder would take UTF-16 and UTF-32 too, and guesses; RFC 8259 §8.1 knows only UTF-8.
        guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0),
            bytes.first(where: { !JSONMembers.isSpace($0) }) == UInt8(ascii: "{")
        else { throw .invalidRequest(field: "body", "The body is not a JSON object in UTF-8.") }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw problem(error)
        } catch {
            throw malformed
        }
    }

    private static func problem(_ error: DecodingError) -> ToolAuthError {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            .invalidRequest(field: path(context.codingPath), "The member has a value of the wrong type.")
        case .keyNotFound(let key, let context):
            .invalidRequest(field: path(context.codingPath + [key]), "The member is missing.")
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            .invalidRequest(field: path(context.codingPath), "The member has a value that cannot be read.")
        // A number that does not fit comes here without saying where it was.
        default: malformed
        }
    }

    private static var malformed: ToolAuthError {
        .invalidRequest(field: "body", "The body is not valid JSON, or has a number that is not whole or too large.")
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        let names = keys.map { $0.intValue.map(String.init) ?? $0.stringValue }
        return names.isEmpty ? "body" : names.joined(separator: ".")
    }

    private static func isJSON(_ mediaType: String) -> Bool {
        let type = mediaType.prefix { $0 != ";" }
        return String(type.filter { $0 != " " && $0 != "\t" }).lowercased() == "application/json"
    }
}
