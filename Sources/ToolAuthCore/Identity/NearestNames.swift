/// The known names close to one that is not known, best first: what a person probably meant.
///
/// - Returns: at most three names whose edit distance is no more than a third of the longer length (but at least one
///   edit is always forgiven); names that begin with two letters or more of the unknown one, all of it, count as close.
package func nearestNames(to unknown: String, among known: some Sequence<String>) -> [String] {
    let wanted = Array(unknown.lowercased().utf8)
    // A malformed name may be of any length; the distance costs its product with each.
    guard (1...128).contains(wanted.count) else { return [] }
    var close: [(distance: Int, name: String)] = []
    for name in known {
        let candidate = Array(name.lowercased().utf8)
        if wanted.count > 1, candidate.starts(with: wanted) {
            close.append((0, name))
            continue
        }
        let distance = editDistance(wanted, candidate)
        if distance <= max(1, max(wanted.count, candidate.count) / 3) { close.append((distance, name)) }
    }
    close.sort { $0.distance != $1.distance ? $0.distance < $1.distance : bytesPrecede($0.name, $1.name) }
    return close.prefix(3).map(\.name)
}

/// Insertions, deletions, replacements, and swaps of neighbours, that make one of the other.
private func editDistance(_ lhs: [UInt8], _ rhs: [UInt8]) -> Int {
    if lhs.isEmpty || rhs.isEmpty { return max(lhs.count, rhs.count) }
    var beforeLast = [Int](repeating: 0, count: rhs.count + 1)
    var last = Array(0...rhs.count)
    for row in 1...lhs.count {
        var current = [row] + [Int](repeating: 0, count: rhs.count)
        for column in 1...rhs.count {
            let cost = lhs[row - 1] == rhs[column - 1] ? 0 : 1
            current[column] = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + cost)
            if row > 1, column > 1, lhs[row - 1] == rhs[column - 2], lhs[row - 2] == rhs[column - 1] {
                current[column] = min(current[column], beforeLast[column - 2] + 1)
            }
        }
        (beforeLast, last) = (last, current)
    }
    return last[rhs.count]
}
