/// The claims of a JWT, read without trusting them.
package enum JWTPayload {
    /// The second of exactly three base64url parts as a JSON object (RFC 7519 §3); nil for any other text.
    ///
    /// The signature is not checked: use the claims only where the channel vouches for them, or where a lie harms
    /// nobody but the liar.
    package static func read(_ token: String) -> JSONValue? {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }), Base64.decodeURL(parts[0]) != nil,
            Base64.decodeURL(parts[2]) != nil, let payload = Base64.decodeURL(parts[1]),
            let claims = JSONValue(parsing: payload), claims.isObject
        else { return nil }
        return claims
    }
}
