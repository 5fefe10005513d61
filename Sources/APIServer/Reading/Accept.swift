/// Whether `Accept` prefers plain text to JSON (RFC 9110 §12.5.1).
///
/// JSON is the answer where there is no `Accept`, where both are as welcome, and where neither is: an answer in a form
/// that was not asked for says more than a refusal.
func prefersPlainText(accept: String?) -> Bool {
    guard let accept else { return false }
    return acceptQuality(of: ("text", "plain"), in: accept) > acceptQuality(of: ("application", "json"), in: accept)
}

/// The weight of a media type in thousandths; the most specific range that covers it decides.
private func acceptQuality(of type: (String, String), in accept: String) -> Int {
    var best = (specificity: -1, quality: 0)
    for element in accept.split(separator: ",") {
        let parts = element.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
        let range = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        guard range.count == 2 else { continue }
        let specificity: Int
        switch (range[0].lowercased(), range[1].lowercased()) {
        case (type.0, type.1): specificity = 2
        case (type.0, "*"): specificity = 1
        case ("*", "*"): specificity = 0
        default: continue
        }
        guard specificity > best.specificity, let quality = weight(of: parts.dropFirst()) else { continue }
        best = (specificity, quality)
    }
    return best.quality
}

/// - Returns: 1000 where no weight is given; nil for one that is malformed.
private func weight(of parameters: ArraySlice<Substring>) -> Int? {
    for parameter in parameters where parameter.lowercased().hasPrefix("q=") {
        let digits = Array(parameter.utf8.dropFirst(2))
        guard (1...5).contains(digits.count), digits.dropFirst().first ?? 0x2e == 0x2e,
            (0x30...0x31).contains(digits[0]), digits.dropFirst(2).allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        var value = Int(digits[0] - 0x30)
        for position in 2..<5 { value = value * 10 + (position < digits.count ? Int(digits[position] - 0x30) : 0) }
        return value <= 1000 ? value : nil
    }
    return 1000
}

private func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.utf8.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
    while let last = text.utf8.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
    return text
}
