/// Spans in which something was wrong, so that a token may have been late.
struct Disturbances {
    /// nil: still going on.
    private var spans: [(from: Int64, to: Int64?)] = []

    mutating func begin(at instant: Int64) { spans.append((instant, nil)) }

    mutating func end(at instant: Int64) {
        guard let index = spans.lastIndex(where: { $0.to == nil }) else { return }
        spans[index].to = instant
    }

    mutating func note(at instant: Int64, lasting aftermath: Int64) { spans.append((instant, instant + aftermath)) }

    /// Whether anything was wrong between the two instants, or shortly before: what it put off may come due later.
    func overlap(from: Int64, to: Int64, aftermath: Int64) -> Bool {
        spans.contains { $0.from <= to && ($0.to.map { $0 + aftermath >= from } ?? true) }
    }
}
