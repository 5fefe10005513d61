/// Stands for a secret in an input, in its dictionary and in what a target puts around it: where it may not come out it is
/// looked for.
package enum Canary {
    package static let text = "c4naryS3cret0123456789"
    /// Another, with no twelve bytes in a row that URL-encoding leaves as they are.
    package static let odd = "c4n/aryS+cr3t=Zk&7m%Lp/w2"

    /// Whether one of the two is in a text, as it is or URL-encoded.
    package static func isIn(_ text: String) -> Bool {
        let spellings = [Array(text.utf8), decoded(text)]
        return [Self.text, odd].contains { canary in
            spellings.contains { $0.count >= canary.utf8.count && $0.firstRange(of: canary.utf8) != nil }
        }
    }

    /// Each `%XX` as the byte it stands for; whatever else there is stays.
    private static func decoded(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let digits = bytes[index...].dropFirst().prefix(2)
            let isEscape = bytes[index] == UInt8(ascii: "%") && digits.count == 2 && !digits.contains(UInt8(ascii: "+"))
            if isEscape, let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) {
                result.append(byte)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }
}
