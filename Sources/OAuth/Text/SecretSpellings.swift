import ToolAuthCore

/// Finds a secret in foreign text, whole or in part, as it is or encoded: providers repeat what they were sent, and some
/// repeat the header with the client's credentials.
struct SecretSpellings {
    /// A run of so many bytes of a secret is taken for the secret; of a shorter one, all of it.
    static let telling = 12
    /// A secret shorter than this is not looked for encoded: so few characters may be anything.
    private static let leastEncoded = 8

    /// The bytes of the text, as it is and decoded.
    private let plain: [[UInt8]]
    /// The text with hexadecimal digits in small letters.
    private let hexadecimal: [UInt8]
    /// The text with the two characters in which the kinds of Base64 differ as that for URLs has them.
    private let base64: [UInt8]
    /// The most characters in a row that may be something encoded.
    private let longestWord: Int

    init(of text: String) {
        let bytes = Array(text.utf8)
        // What is encoded may stand beside a bare `%`, be cut within an escape, or be encoded once more.
        let decoded = [bytes, bytes.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }].flatMap {
            let once = PercentEncoding.decodeTolerantly($0)
            return [once, PercentEncoding.decodeTolerantly(once)]
        }
        // Most texts decode to themselves.
        plain = Array(Set([bytes] + decoded))
        hexadecimal = bytes.map { (0x41...0x46).contains($0) ? $0 | 0x20 : $0 }
        base64 = bytes.map {
            switch $0 {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: $0
            }
        }
        longestWord = Self.longestWord(in: base64)
    }

    /// Whether the text has a telling part of `secret`.
    func contain(_ secret: Secret) -> Bool {
        secret.withUnsafeBytes { bytes in
            guard !bytes.isEmpty else { return false }
            let run = min(bytes.count, Self.telling)
            if plain.contains(where: { Self.shareRun(of: run, $0, bytes) }) { return true }
            guard bytes.count >= Self.leastEncoded else { return false }
            return containEncoded(bytes, run: run)
        }
    }

    /// Most texts have no word that is long enough, and then nothing is encoded.
    private func containEncoded(_ bytes: UnsafeRawBufferPointer, run: Int) -> Bool {
        if longestWord >= 2 * run, Self.shareRun(of: 2 * run, hexadecimal, Hexadecimal.encode(bytes)) { return true }
        guard longestWord >= Self.base64Run(run) else { return false }
        // Basic credentials are form-encoded before they are Base64 (RFC 6749 §2.3.1).
        var form: [UInt8] = []
        FormURLEncoding.append(bytes, to: &form)
        return [Array(bytes), form].contains { source in
            (0..<3).contains { alignment in
                let encoded = Self.base64(source, after: alignment)
                return Self.shareRun(of: min(encoded.count, Self.base64Run(run)), base64, encoded)
            }
        }
    }

    /// How many characters of Base64 so many bytes decide at least: at an unlucky alignment, those at both ends belong to
    /// other bytes too.
    private static func base64Run(_ bytes: Int) -> Int { 8 * bytes / 6 - 1 }

    /// The characters of Base64 that `bytes` alone decide where `lead` other bytes come before them.
    private static func base64(_ bytes: [UInt8], after lead: Int) -> ArraySlice<UInt8> {
        let all = Array(Base64.encodeURL(Array(repeating: 0, count: lead) + bytes).utf8)
        return all[((8 * lead + 5) / 6)..<(8 * (lead + bytes.count) / 6)]
    }

    /// Whether `count` consecutive bytes of `part` are in `text`, which is the shorter as a rule.
    private static func shareRun(of count: Int, _ text: [UInt8], _ part: some Collection<UInt8>) -> Bool {
        guard count > 0, text.count >= count, part.count >= count else { return false }
        let part = Array(part)
        let runs = Set((0...(text.count - count)).map { text[$0..<($0 + count)] })
        return (0...(part.count - count)).contains { runs.contains(part[$0..<($0 + count)]) }
    }

    /// Of the characters that hexadecimal digits and both kinds of Base64 are made of.
    private static func longestWord(in bytes: [UInt8]) -> Int {
        var longest = 0
        var length = 0
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                length += 1
                longest = max(longest, length)
            default: length = 0
            }
        }
        return longest
    }
}

/// Hexadecimal digits, in small letters.
private enum Hexadecimal {
    static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}
