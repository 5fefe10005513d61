/// The claims of a JWT, read without trusting them.
package enum JWTPayload {
    /// The second of exactly three base64url parts as a JSON object (RFC 7519 §3); nil for any other text. Padding at
    /// the end of a part, which RFC 7515 §2 leaves out and some servers put in, does not matter.
    ///
    /// The signature is not checked: use the claims only where the channel vouches for them, or where a lie harms
    /// nobody but the liar.
    package static func read(_ token: String) -> JSONValue? {
        readWhole(token)?.claims
    }

    /// As ``read(_:)``, with the first part, which is a JSON object too.
    static func readWhole(_ token: String) -> (header: JSONValue?, claims: JSONValue)? {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(unpadded)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }), let header = Base64.decodeURL(parts[0]),
            Base64.decodeURL(parts[2]) != nil, let payload = Base64.decodeURL(parts[1]),
            let claims = JSONValue(parsing: payload), claims.isObject
        else { return nil }
        return (JSONValue(parsing: header), claims)
    }

    private static func unpadded(_ part: Substring.UTF8View) -> Substring.UTF8View {
        var part = part
        while part.last == UInt8(ascii: "=") { part.removeLast() }
        return part
    }
}
