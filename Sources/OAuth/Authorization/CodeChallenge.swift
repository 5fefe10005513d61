import Crypto
package import ToolAuthCore

/// PKCE (RFC 7636), always S256: there is no code here that could fall back to `plain` (§7.2).
package enum CodeChallenge {
    /// BASE64URL(SHA256(ASCII(code_verifier))), §4.2.
    package static func s256(of verifier: Secret) -> String {
        verifier.withUnsafeBytes { bytes in
            Base64.encodeURL(SHA256.hash(data: bytes))
        }
    }
}
