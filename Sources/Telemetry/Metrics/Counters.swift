/// Counts that only grow, one for each set of label values.
package struct Counters: Sendable {
    private var family: MetricFamily<Int>

    /// - Parameters:
    ///   - name: ends in `_total`.
    ///   - labels: two at most.
    package init(_ name: String, _ help: String, labels: [MetricLabel]) {
        family = MetricFamily(name, help, labels: labels, initial: 0)
    }

    /// Counts one.
    ///
    /// - Parameters:
    ///   - first: the value of the first label.
    ///   - second: of the second; empty where there is none.
    package mutating func count(_ first: String = "", _ second: String = "") {
        family.update(first, second, initial: 0) { $0 &+= 1 }
    }

    package func write(to page: inout MetricsText) {
        page.family(family.name, .counter, family.help)
        for (labels, count) in family.samples { page.sample(family.name, labels, Double(count)) }
    }
}
