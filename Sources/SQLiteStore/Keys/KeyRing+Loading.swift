import ToolAuthCore

extension KeyRing {
    /// The keys at hand for a store of which `facts` are known; nil facts: a new store.
    ///
    /// A key is made only where nothing is sealed yet: one made later would leave what is sealed unreadable.
    ///
    /// - Throws: `key`, with nothing changed, if a key the store was sealed with is missing or another.
    static func load(_ source: KeySource, for facts: StoreFacts?) throws(StoreError) -> KeyRing {
        if let ring = try existing(source, for: facts) { return ring }
        guard case .file(let path) = source else { throw StoreError(.misuse, "A credential without keys.") }
        let key = MasterKey.generate()
        try KeyFile(path: path).write(KeyFileText(heading: KeyFileText.heading).adding(key))
        return KeyRing(key)
    }

    /// The keys at hand for a store of which `facts` are known; none is made.
    ///
    /// - Returns: nil if there are none and none are needed.
    /// - Throws: `key`, as ``load(_:for:)``.
    static func existing(_ source: KeySource, for facts: StoreFacts?) throws(StoreError) -> KeyRing? {
        let ring: KeyRing
        let origin: String
        switch source {
        case .credential(let name, let text):
            origin = "the credential \(name)"
            ring = try KeyRing(parsing: text, from: origin)
        case .file(let path):
            origin = path
            if let text = try KeyFile(path: path).read() {
                ring = try KeyRing(parsing: text, from: path)
            } else if let facts, facts.holdsSealedData {
                throw StoreError(
                    .key,
                    "The key file \(path) is missing, and the store was sealed with \(facts.keyList). Put the file back; "
                        + "without it every user must connect again.")
            } else {
                return nil
            }
        }
        if let facts, facts.holdsSealedData { try ring.verify(facts, origin: origin) }
        return ring
    }

    private func verify(_ facts: StoreFacts, origin: String) throws(StoreError) {
        for check in facts.keyChecks {
            guard let key = key(check.keyID) else {
                throw StoreError(
                    .key,
                    "The store was sealed with the key \(check.keyID), which \(origin) does not hold. Add its line, before "
                        + "the newest one.")
            }
            guard key.checkValue == check.value else {
                throw StoreError(
                    .key,
                    "The key \(check.keyID) in \(origin) is not the one of that name the store was sealed with. Put the "
                        + "right one back.")
            }
        }
    }
}
