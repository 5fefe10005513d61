import HTTPTypes
import ToolAuthCore

/// The generation of a record as an entity tag (RFC 9110 §8.8.3): strong, quoted.
enum EntityTag {
    static func encode(_ generation: Int64) -> String { "\"\(generation)\"" }

    /// Reads `If-Match`.
    ///
    /// - Returns: nil if there is none.
    /// - Throws: `invalid-request` for a weak tag, a list, `*`, and what is no generation.
    static func ifMatch(_ fields: HTTPFields) throws(ToolAuthError) -> Int64? {
        guard let value = fields[.ifMatch] else { return nil }
        guard let generation = decode(value) else {
            throw .invalidRequest(
                field: "If-Match",
                "If-Match is one strong entity tag: the record's generation in quotes, such as \"12\".")
        }
        return generation
    }

    /// Reads `If-Match` and `If-None-Match: *`, not both.
    ///
    /// - Throws: `invalid-request`.
    static func precondition(_ fields: HTTPFields) throws(ToolAuthError) -> Precondition {
        let generation = try ifMatch(fields)
        guard let none = fields[.ifNoneMatch] else { return generation.map(Precondition.generation) ?? .none }
        guard none == "*" else {
            throw .invalidRequest(field: "If-None-Match", "If-None-Match is * or absent.")
        }
        guard generation == nil else {
            throw .invalidRequest(field: "If-None-Match", "If-Match and If-None-Match exclude each other.")
        }
        return .absent
    }

    private static func decode(_ value: String) -> Int64? {
        let bytes = value.utf8
        guard bytes.count > 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\""),
            let generation = Int64(value.dropFirst().dropLast()), generation >= 0, encode(generation) == value
        else { return nil }
        return generation
    }
}
