package import ToolAuthCore

extension RandomSource {
    /// 256 bits as 43 characters of base64url: a `state` (RFC 6749 §10.12), a `nonce`, a `code_verifier` (RFC 7636
    /// §4.1: 43–128 unreserved characters, at least 256 bits).
    package func unguessable() -> Secret {
        Secret(Base64.encodeURL(bytes(32)))
    }

    /// 128 bits in hexadecimal, for ids that stand in paths and on command lines.
    package func identifier() -> String {
        bytes(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
