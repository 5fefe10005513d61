import ArgumentParser

/// `NAME=VALUE` on the command line; the value may be empty.
struct NamedValue: ExpressibleByArgument, Equatable {
    let name: String
    let value: String

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), sign > argument.startIndex else { return nil }
        name = String(argument[..<sign])
        value = String(argument[argument.index(after: sign)...])
    }

    /// nil for none: the member is then left out.
    static func dictionary(_ values: [NamedValue]) -> [String: String]? {
        values.isEmpty ? nil : Dictionary(values.map { ($0.name, $0.value) }) { _, last in last }
    }
}
