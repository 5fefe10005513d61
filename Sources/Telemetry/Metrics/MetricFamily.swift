/// What counters and histograms have alike: a name, and a value of some kind for each set of label values.
///
/// A value without a lock; whoever owns it has one. What it holds is bounded: beyond ``limit`` sets, all others are counted
/// as one.
struct MetricFamily<Value: Sendable>: Sendable {
    /// The most sets of label values held.
    static var limit: Int { 10_000 }

    let name: String
    let help: String
    let labels: [MetricLabel]
    private var values: [LabelValues: Value]

    /// - Parameters:
    ///   - labels: two at most.
    ///   - initial: the value of a family without labels, which is there from the start.
    init(_ name: String, _ help: String, labels: [MetricLabel], initial: Value) {
        precondition(labels.count <= 2)
        self.name = name
        self.help = help
        self.labels = labels
        values = labels.isEmpty ? [.none: initial] : [:]
    }

    /// Changes the value of a set of label values, which begins as `initial`.
    mutating func update(
        _ first: String, _ second: String, initial: @autoclosure () -> Value, _ change: (inout Value) -> Void
    ) {
        var key = LabelValues(first: first, second: second)
        if values.count >= Self.limit, values[key] == nil { key = .other }
        change(&values[key, default: initial()])
    }

    /// All that is held, in the order of the label values.
    var samples: [(labels: [(name: MetricLabel, value: String)], value: Value)] {
        values.sorted { $0.key < $1.key }.map { key, value in
            (zip(labels, [key.first, key.second]).map { (name: $0, value: $1) }, value)
        }
    }
}
