/// A JSON number, kept as it was written, so that no digit of an id or of an instant in milliseconds is lost.
package struct JSONNumber: Sendable, Equatable {
    package let text: String

    /// - Returns: nil unless `text` is a number by RFC 8259 §6.
    package init?(_ text: String) {
        guard Self.isNumber(Array(text.utf8)) else { return nil }
        self.text = text
    }

    /// For text that the parser has already recognized.
    init(recognized text: String) {
        self.text = text
    }

    /// The number times `factor`, rounded towards zero, saturating at the ends of `Int64`.
    package func scaled(by factor: Int64) -> Int64 {
        if let integer = Int64(text) {
            let (product, overflow) = integer.multipliedReportingOverflow(by: factor)
            return overflow ? ((integer < 0) == (factor < 0) ? .max : .min) : product
        }
        // A fraction, an exponent, or more digits than Int64 has.
        guard let double = Double(text) else { return 0 }
        let product = double * Double(factor)
        return Int64(exactly: product.rounded(.towardZero)) ?? (product < 0 ? .min : .max)
    }

    private static func isNumber(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let integer = rest.prefix(while: isDigit)
        guard !integer.isEmpty, integer.first != UInt8(ascii: "0") || integer.count == 1 else { return false }
        rest = rest.dropFirst(integer.count)
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: isDigit)
            guard !fraction.isEmpty else { return false }
            rest = rest.dropFirst(fraction.count + 1)
        }
        if let e = rest.first, e | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            let exponent = rest.prefix(while: isDigit)
            guard !exponent.isEmpty else { return false }
            rest = rest.dropFirst(exponent.count)
        }
        return rest.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
