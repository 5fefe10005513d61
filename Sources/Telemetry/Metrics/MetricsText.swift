/// Builds a page in Prometheus' text format, version 0.0.4.
package struct MetricsText: Sendable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    /// What the page is served as.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""

    package init() {}

    /// Begins a family; its samples follow.
    package mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// - Parameter labels: in the order they are to be written.
    package mutating func sample(_ name: String, _ labels: [(name: MetricLabel, value: String)], _ value: Double) {
        line(name, labels.map { ($0.name.rawValue, $0.value) }, value)
    }

    /// A bucket of a histogram: how many values were at most `bound`.
    mutating func bucket(
        _ name: String, _ labels: [(name: MetricLabel, value: String)], upTo bound: Double, _ count: Int
    ) {
        line(
            "\(name)_bucket", labels.map { ($0.name.rawValue, $0.value) } + [("le", Self.number(bound))],
            Double(count))
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: Double) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { name, value in "\(name)=\"\(Self.escaped(value, quotes: true))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(Self.number(value))\n"
    }

    /// A number as the format has it; whole ones without a point.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    /// Backslashes and line feeds are written out, in the values of labels quotation marks too.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
