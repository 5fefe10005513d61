extension ToolAuthClient {
    /// A copy of the daemon's store as it is now, made while everything goes on: what `toolauthd restore` takes.
    ///
    /// ```swift
    /// for try await part in client.backup() {
    ///     try file.write(contentsOf: part.bytes)
    /// }
    /// ```
    ///
    /// Tokens in it are sealed as they are in the store, and no key is: back that up apart. The sequence throws where it
    /// does not come to its end; what came before is no backup then.
    ///
    /// - Throws, when it is iterated: problem `store-unavailable` where there is no room for the copy.
    public func backup() -> BackupSequence {
        BackupSequence(client: self)
    }
}

/// Some bytes of a backup.
public struct BackupPart: Sendable {
    public let bytes: [UInt8]
    /// How many have come, these included.
    public let received: Int
    /// How many there are in all.
    public let size: Int
}

/// The parts of ``ToolAuthClient/backup()``, in order. Each iterator asks for a backup of its own.
public struct BackupSequence: AsyncSequence, Sendable {
    public typealias Element = BackupPart
    public typealias Failure = ToolAuthClientError

    let client: ToolAuthClient

    public func makeAsyncIterator() -> Iterator {
        Iterator(reader: client.backupReader())
    }

    public struct Iterator: AsyncIteratorProtocol {
        let reader: BackupReader

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(ToolAuthClientError) -> BackupPart? {
            try await reader.next()
        }
    }
}
