/// Bytes that must not be seen: a token, a client secret, a PKCE verifier, a state.
///
/// Prints as `‹redacted›` wherever it is interpolated, dumped or reflected; is not `Codable`, so that encoding it takes
/// a deliberate step; lies in locked memory, as far as the system lets the process lock some, which is zeroed when the
/// last reference goes. Copies share one storage.
public struct Secret: Sendable {
    private let storage: SecretStorage

    /// Copies `bytes`; the caller's own copy is the caller's to clear.
    public init(_ bytes: some Collection<UInt8>) {
        self.init(bytes, in: .shared)
    }

    /// Copies `bytes` to where a test can look.
    package init(_ bytes: some Collection<UInt8>, in memory: SecretMemory) {
        storage = SecretStorage(copying: bytes, in: memory)
    }

    /// The UTF-8 of `string`.
    public init(_ string: String) {
        self.init(string.utf8)
    }

    /// Length in bytes.
    public var count: Int { storage.buffer.count }
    public var isEmpty: Bool { count == 0 }

    /// Lends the bytes without copying them. The pointer is valid only inside `body`.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(storage) {} }
        return try body(storage.buffer)
    }

    /// The secret as text, invalid UTF-8 repaired. Each call makes a copy that is not zeroed: only for the last step
    /// before bytes leave, such as an HTTP body.
    public func reveal() -> String {
        withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}

extension Secret: Equatable {
    /// Takes the same time wherever the first difference is; only the length shows.
    public static func == (lhs: Secret, rhs: Secret) -> Bool {
        guard lhs.count == rhs.count else { return false }
        return lhs.withUnsafeBytes { left in
            rhs.withUnsafeBytes { right in
                var difference: UInt8 = 0
                for index in 0..<left.count { difference |= left[index] ^ right[index] }
                return difference == 0
            }
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "‹redacted›" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
