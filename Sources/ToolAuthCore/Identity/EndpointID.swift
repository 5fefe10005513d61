/// What refreshes share limits by: one token endpoint, one client.
///
/// Records of several tools that use the same client at the same server have the same endpoint, since the provider
/// counts their requests together.
public struct EndpointID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let rawValue: String

    public init(tokenEndpoint: String, clientID: String) {
        rawValue = "\(clientID)@\(tokenEndpoint)"
    }

    /// An id read back from where it was stored.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public var description: String { rawValue }
    public static func == (lhs: Self, rhs: Self) -> Bool { bytesEqual(lhs.rawValue, rhs.rawValue) }
    public static func < (lhs: Self, rhs: Self) -> Bool { bytesPrecede(lhs.rawValue, rhs.rawValue) }
    public func hash(into hasher: inout Hasher) { hashBytes(of: rawValue, into: &hasher) }
}
