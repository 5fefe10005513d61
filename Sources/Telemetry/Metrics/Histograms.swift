import ToolAuthCore

/// How many values fell into each of some ranges, and their sum, for each set of label values.
package struct Histograms: Sendable {
    private struct Distribution: Sendable {
        /// One for each bound, and one for what is above all of them.
        var counts: [Int]
        var sum = 0.0

        init(_ bounds: [Double]) {
            counts = Array(repeating: 0, count: bounds.count + 1)
        }
    }

    private let bounds: [Double]
    private var family: MetricFamily<Distribution>

    /// - Parameters:
    ///   - labels: two at most.
    ///   - bounds: the upper ends of the ranges, ascending; a last range without an end is added.
    package init(_ name: String, _ help: String, labels: [MetricLabel], bounds: [Double]) {
        self.bounds = bounds
        family = MetricFamily(name, help, labels: labels, initial: Distribution(bounds))
    }

    /// Takes note of a value.
    ///
    /// - Parameters:
    ///   - first: the value of the first label; empty where there is none.
    ///   - second: of the second.
    package mutating func observe(_ value: Double, _ first: String = "", _ second: String = "") {
        let range = bounds.firstIndex { value <= $0 } ?? bounds.count
        family.update(first, second, initial: Distribution(bounds)) { distribution in
            distribution.counts[range] &+= 1
            distribution.sum += value
        }
    }

    /// Takes note of a span, in seconds; one below zero, as after a clock was set, counts as zero.
    package mutating func observe(_ span: Duration, _ first: String = "", _ second: String = "") {
        observe(max(span, .zero).inSeconds, first, second)
    }

    package func write(to page: inout MetricsText) {
        page.family(family.name, .histogram, family.help)
        for (labels, distribution) in family.samples {
            var count = 0
            for (bound, more) in zip(bounds + [.infinity], distribution.counts) {
                count += more
                page.bucket(family.name, labels, upTo: bound, count)
            }
            page.sample("\(family.name)_sum", labels, distribution.sum)
            page.sample("\(family.name)_count", labels, Double(count))
        }
    }
}
