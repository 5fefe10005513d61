package import ToolAuthCore

/// The object in the body of a reply.
package enum ReplyObject {
    /// - Returns: nil for a body that is empty, not of the encoding declared, or no object.
    package static func read(_ reply: HTTPReply, _ encoding: TokenResponseFormat.Encoding) -> JSONValue? {
        switch encoding {
        case .json: json(reply)
        case .form: form(reply)
        case .auto:
            // The content type is not asked: servers that need `auto` are those that name it wrongly.
            json(reply) ?? form(reply)
        }
    }

    private static func json(_ reply: HTTPReply) -> JSONValue? {
        let value = reply.body.withUnsafeBytes { JSONValue(parsing: $0) }
        return value?.isObject == true ? value : nil
    }

    /// Form encoding has nearly no syntax: only names of parameters as OAuth has them (RFC 6749 §8.2) tell a form from a
    /// page of HTML.
    private static func form(_ reply: HTTPReply) -> JSONValue? {
        guard reply.body.count <= JSONValue.maximumBytes else { return nil }
        let pairs = reply.body.withUnsafeBytes { FormURLEncoding.decode($0) }
        guard let pairs, !pairs.isEmpty, pairs.allSatisfy({ isName($0.name) }) else { return nil }
        // As in JSON, the last of several stands.
        return .object(Dictionary(pairs.map { ($0.name, JSONValue.string($0.value)) }) { $1 })
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
