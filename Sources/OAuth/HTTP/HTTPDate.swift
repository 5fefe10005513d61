package import ToolAuthCore

/// Dates in HTTP headers.
package enum HTTPDate {
    private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Reads an IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7), the one form servers may send.
    ///
    /// - Returns: nil for anything else. Whether the day of the week is right is not asked.
    package static func parse(_ text: String) -> Timestamp? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard text.utf8.count == 29, words.count == 6, words[0].utf8.last == UInt8(ascii: ","),
            days.contains(String(words[0].dropLast())), words[5] == "GMT",
            let month = months.firstIndex(of: words[2])
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp(rfc3339: "\(words[3])-\(number)-\(words[1])T\(words[4])Z")
    }
}
