import ToolAuthCore

extension YAMLValue {
    /// This document with another laid over it: maps are merged, all else is replaced, and what is null there and stands
    /// here is taken out. Every value keeps the place it was written at.
    ///
    /// - Parameter kept: a key of the top whose null stays, since it says more than that the key is not there.
    func merged(with over: YAMLValue, keepingNullOf kept: String? = nil) -> YAMLValue {
        guard let below = entries, let above = over.entries else { return over }
        var merged: [YAMLEntry?] = below
        // By bytes: to strings, two spellings of 'é' are one.
        var indexes: [[UInt8]: Int] = [:]
        for (index, entry) in below.enumerated() { indexes[Array(entry.key.utf8)] = index }
        for entry in above {
            guard let index = indexes[Array(entry.key.utf8)], let former = merged[index] else {
                merged.append(entry)
                continue
            }
            merged[index] =
                entry.value.isNull && !(kept.map { bytesEqual(entry.key, $0) } ?? false)
                ? nil
                : YAMLEntry(
                    key: entry.key, keyPosition: entry.keyPosition, value: former.value.merged(with: entry.value))
        }
        return YAMLValue(content: .map(merged.compactMap(\.self)), position: over.position)
    }

    /// Without one of its keys.
    func without(_ key: String) -> YAMLValue {
        guard let entries else { return self }
        return YAMLValue(content: .map(entries.filter { !bytesEqual($0.key, key) }), position: position)
    }
}
