import ToolAuthCore

extension YAMLValue {
    /// This document with another laid over it: maps are merged, all else is replaced, and what is null there and stands
    /// here is taken out. Every value keeps the place it was written at.
    func merged(with over: YAMLValue) -> YAMLValue {
        guard let below = entries, let above = over.entries else { return over }
        var merged = below
        for entry in above {
            guard let index = merged.firstIndex(where: { bytesEqual($0.key, entry.key) }) else {
                merged.append(entry)
                continue
            }
            if entry.value.isNull {
                merged.remove(at: index)
            } else {
                merged[index] = YAMLEntry(
                    key: entry.key, keyPosition: entry.keyPosition,
                    value: merged[index].value.merged(with: entry.value))
            }
        }
        return YAMLValue(content: .map(merged), position: over.position)
    }

    /// Without one of its keys.
    func without(_ key: String) -> YAMLValue {
        guard let entries else { return self }
        return YAMLValue(content: .map(entries.filter { !bytesEqual($0.key, key) }), position: position)
    }
}
