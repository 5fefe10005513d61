/// How many letters must be put in, taken out, replaced or swapped with their neighbour to make one word of the other
/// (optimal string alignment), regardless of case.
func editDistance(_ lhs: String, _ rhs: String) -> Int {
    let left = Array(lhs.lowercased())
    let right = Array(rhs.lowercased())
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, letter) in left.enumerated() {
        var current = [row + 1]
        for (column, other) in right.enumerated() {
            let replaced = last[column] + (letter == other ? 0 : 1)
            var distance = min(replaced, last[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                distance = min(distance, beforeLast[column - 1] + 1)
            }
            current.append(distance)
        }
        (beforeLast, last) = (last, current)
    }
    return last[right.count]
}

/// The names somebody may have meant by `word`, best first, at most three: those within a third of its length in
/// letters changed, and those that begin with it.
func nearest(to word: String, among names: [String]) -> [String] {
    // A malformed name may be of any length; the distance costs its product with each.
    guard word.utf8.count <= 128 else { return [] }
    let allowed = max(1, word.count / 3)
    let ranked = names.compactMap { name -> (name: String, distance: Int)? in
        let distance = editDistance(word, name)
        if distance <= allowed { return (name, distance) }
        return word.count >= 2 && name.lowercased().hasPrefix(word.lowercased()) ? (name, distance) : nil
    }
    return ranked.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
}
