import ToolAuthCore

/// Decodes percent-escapes once, byte by byte (RFC 3986 §2.1).
///
/// - Parameter plusIsSpace: read `+` as a space, as in queries (`application/x-www-form-urlencoded`).
/// - Returns: nil if an escape is broken or the result is not UTF-8.
func percentDecoded(_ bytes: some Collection<UInt8>, plusIsSpace: Bool = false) -> String? {
    let plus = UInt8(ascii: "+")
    let decoded =
        plusIsSpace
        ? PercentEncoding.decode(bytes.lazy.map { $0 == plus ? UInt8(ascii: " ") : $0 })
        : PercentEncoding.decode(bytes)
    return decoded.flatMap { String(validating: $0, as: UTF8.self) }
}
