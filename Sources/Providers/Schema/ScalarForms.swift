/// How numbers, durations and sizes are written. Total: nil for everything else.
enum ScalarForms {
    /// `true` or `false`, as YAML 1.2 has them; `yes`, `no`, `on` and `off` are text.
    static func boolean(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    /// Decimal digits, a sign before them.
    static func integer(_ text: String) -> Int? {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return nil }
        return Int(text)
    }

    /// Decimal digits with at most one point among them: neither `.inf` nor `1e3` nor `0x10`.
    static func number(_ text: String) -> Double? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else {
            return nil
        }
        return Double(text)
    }

    /// A whole number and `ms`, `s`, `m`, `h` or `d`.
    static func duration(_ text: String) -> Duration? {
        guard let (count, unit) = countAndUnit(text) else { return nil }
        let milliseconds: Int
        switch unit {
        case "ms": milliseconds = 1
        case "s": milliseconds = 1000
        case "m": milliseconds = 60_000
        case "h": milliseconds = 3_600_000
        case "d": milliseconds = 86_400_000
        default: return nil
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: milliseconds)
        return overflow ? nil : .milliseconds(product)
    }

    /// A whole number of bytes, or one and `KiB` or `MiB`.
    static func size(_ text: String) -> Int? {
        guard let (count, unit) = countAndUnit(text) else { return nil }
        let bytes: Int
        switch unit {
        case "": bytes = 1
        case "KiB": bytes = 1 << 10
        case "MiB": bytes = 1 << 20
        default: return nil
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: bytes)
        return overflow ? nil : product
    }

    /// The duration in the largest unit that gives a whole number: `90s`, `1d`.
    static func text(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        let units: [(name: String, milliseconds: Int64)] = [
            ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
        ]
        for unit in units where milliseconds != 0 && milliseconds % unit.milliseconds == 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.name)"
        }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }

    private static func countAndUnit(_ text: String) -> (Int, String)? {
        let digits = text.utf8.prefix(while: isDigit)
        guard !digits.isEmpty, let count = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
        return (count, String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self))
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
