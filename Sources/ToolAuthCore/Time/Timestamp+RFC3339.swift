extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-01-31T09:05:07.250Z`.
    public var description: String {
        let day = millisecondsSinceEpoch.flooredDivision(by: 86_400_000)
        let rest = millisecondsSinceEpoch - day * 86_400_000
        let (year, month, dayOfMonth) = Self.civil(day)
        var text = DigitText()
        text.add(year, 4)
        text.add("-", month, 2)
        text.add("-", dayOfMonth, 2)
        text.add("T", rest / 3_600_000, 2)
        text.add(":", rest / 60_000 % 60, 2)
        text.add(":", rest / 1000 % 60, 2)
        text.add(".", rest % 1000, 3)
        return String(decoding: text.bytes + [UInt8(ascii: "Z")], as: UTF8.self)
    }

    /// Reads an RFC 3339 `date-time`: any offset, an optional fraction (digits past milliseconds are dropped), a leap
    /// second taken as the second before it.
    ///
    /// - Returns: nil for anything else, including dates that no calendar has.
    public init?(rfc3339 text: String) {
        var scanner = Scanner(bytes: Array(text.utf8))
        guard let year = scanner.digits(4), scanner.take("-"), let month = scanner.digits(2), scanner.take("-"),
            let day = scanner.digits(2), scanner.take("T") || scanner.take("t") || scanner.take(" "),
            let hour = scanner.digits(2), scanner.take(":"), let minute = scanner.digits(2), scanner.take(":"),
            let second = scanner.digits(2), year >= 1, (1...12).contains(month), day >= 1, hour < 24, minute < 60,
            second <= 60, Self.daysInMonth(year, month) >= day
        else { return nil }
        var milliseconds: Int64 = 0
        if scanner.take(".") {
            guard let fraction = scanner.fraction() else { return nil }
            milliseconds = fraction
        }
        guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
        let days = Self.dayNumber(year, month, day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + min(second, 59) - offset
        self.init(millisecondsSinceEpoch: seconds * 1000 + milliseconds)
    }

    // Days since 1970-01-01 to the proleptic Gregorian calendar and back, counted in 400-year eras that begin in March,
    // so that the leap day is the last day of its year.
    private static func civil(_ day: Int64) -> (Int64, Int64, Int64) {
        let shifted = day + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear.flooredDivision(by: 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func daysInMonth(_ year: Int64, _ month: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// Numbers in a fixed number of digits, put together without a string for each: every token handed out tells two instants.
private struct DigitText {
    var bytes: [UInt8] = []

    mutating func add(_ separator: Unicode.Scalar, _ value: Int64, _ width: Int) {
        bytes.append(UInt8(ascii: separator))
        add(value, width)
    }

    /// A number that needs more digits, or is negative, gets what it needs.
    mutating func add(_ value: Int64, _ width: Int) {
        let digits = value.magnitude
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var unit: UInt64 = 1
        for _ in 1..<(width - (value < 0 ? 1 : 0)) { unit *= 10 }
        while digits / unit >= 10 { unit *= 10 }
        while unit > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(digits / unit % 10))
            unit /= 10
        }
    }
}

private struct Scanner {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digit() -> Int64? {
        guard position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) else {
            return nil
        }
        defer { position += 1 }
        return Int64(bytes[position] - UInt8(ascii: "0"))
    }

    mutating func digits(_ count: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// One or more digits as milliseconds.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while let digit = digit() {
            if count < 3 { value = value * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in count..<max(count, 3) { value *= 10 }
        return value
    }

    /// `Z` or `±hh:mm`, in seconds.
    mutating func offset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let sign: Int64
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = digits(2), take(":"), let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
