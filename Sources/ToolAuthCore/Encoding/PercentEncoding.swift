/// Percent-encoding (RFC 3986 §2.1).
package enum PercentEncoding {
    /// `text` with every byte of its UTF-8 encoded but the unreserved ones (letters, digits, `-._~`): safe in any part
    /// of a URL.
    package static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        append(text.utf8, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Decodes every `%XX`; other bytes stay, `+` too.
    ///
    /// - Returns: nil where a `%` is not followed by two hexadecimal digits.
    package static func decode(_ bytes: some Sequence<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(value(ofDigit:)),
                let low = iterator.next().flatMap(value(ofDigit:))
            else { return nil }
            result.append(high << 4 | low)
        }
        return result
    }

    /// As ``decode(_:)``, for text of others that is searched and not understood: a `%` that is not followed by two
    /// hexadecimal digits stands for itself.
    package static func decodeTolerantly(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2, let high = value(ofDigit: rest[rest.startIndex]),
                let low = value(ofDigit: rest[rest.startIndex + 1])
            {
                result.append(high << 4 | low)
                rest.removeFirst(2)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    package static func append(_ bytes: some Sequence<UInt8>, to result: inout [UInt8]) {
        for byte in bytes { append(byte, to: &result) }
    }

    package static func append(_ byte: UInt8, to result: inout [UInt8]) {
        if isUnreserved(byte) {
            result.append(byte)
        } else {
            result.append(UInt8(ascii: "%"))
            result.append(digit(byte >> 4))
            result.append(digit(byte & 15))
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }

    package static func value(ofDigit byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
