import ToolAuthCore

/// The parameters of a query, `application/x-www-form-urlencoded`, each at most once.
struct Query {
    private var values: [String: String] = [:]

    /// - Parameter names: the parameters the route knows.
    /// - Throws: `invalid-request` for one that is unknown, repeated or does not decode.
    init(_ query: Substring?, allowing names: [String]) throws(ToolAuthError) {
        guard let query, !query.isEmpty else { return }
        for pair in query.utf8.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            guard let decodedName = percentDecoded(name, plusIsSpace: true),
                let value = percentDecoded(pair.dropFirst(name.count + 1), plusIsSpace: true)
            else {
                throw .invalidRequest(field: "query", "The query has a broken escape, or is not UTF-8 once decoded.")
            }
            guard let known = names.first(where: { bytesEqual($0, decodedName) }) else {
                throw .invalidRequest(field: decodedName, Self.unknown(decodedName, names))
            }
            guard values.updateValue(value, forKey: known) == nil else {
                throw .invalidRequest(field: known, "The query parameter \(known) is given more than once.")
            }
        }
    }

    /// The decoded value; nil if the parameter is absent.
    subscript(_ name: String) -> String? { values[name] }

    /// A whole number in decimal digits.
    ///
    /// - Returns: nil if the parameter is absent.
    /// - Throws: `invalid-request` for anything else, or a number outside `range`.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(ToolAuthError) -> Int? {
        guard let value = values[name] else { return nil }
        guard !value.isEmpty, value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(value), range.contains(number)
        else {
            throw .invalidRequest(
                field: name, "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// - Throws: `invalid-request` for anything but `true` and `false`.
    func boolean(_ name: String) throws(ToolAuthError) -> Bool? {
        switch values[name] {
        case nil: return nil
        case "true": return true
        case "false": return false
        default: throw .invalidRequest(field: name, "\(name) is true or false.")
        }
    }

    private static func unknown(_ name: String, _ names: [String]) -> String {
        names.isEmpty
            ? "This path takes no query parameters."
            : "There is no query parameter of that name here; there are: \(names.joined(separator: ", "))."
    }
}
