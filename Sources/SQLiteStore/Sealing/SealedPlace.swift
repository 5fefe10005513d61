import ToolAuthCore

/// Where a sealed value belongs; it opens nowhere else.
struct SealedPlace: Sendable {
    /// What kind of row, so that rows of two tables with the same identity differ.
    enum Kind: String { case toolAuth = "tool_auth", authorization, revocation }

    enum Column: String {
        case accessToken = "access_token"
        case refreshToken = "refresh_token"
        case codeVerifier = "code_verifier"
        case nonce
    }

    let kind: Kind
    let key: ToolAuthKey
    /// What tells the row from others of the same tool and user; empty for a grant, which is the only one.
    let id: String
    let column: Column
    /// Names the row; what is derived and authenticated for each of its columns has it.
    private let row: [UInt8]

    init(kind: Kind, key: ToolAuthKey, id: String, column: Column) {
        self.kind = kind
        self.key = key
        self.id = id
        self.column = column
        row = Self.joined([kind.rawValue, key.toolID.rawValue, key.userID.rawValue, id])
    }

    private init(_ other: SealedPlace, column: Column) {
        kind = other.kind
        key = other.key
        id = other.id
        row = other.row
        self.column = column
    }

    /// Another column of the same row.
    func beside(_ column: Column) -> SealedPlace { SealedPlace(self, column: column) }

    static func toolAuth(_ key: ToolAuthKey, _ column: Column) -> SealedPlace {
        SealedPlace(kind: .toolAuth, key: key, id: "", column: column)
    }

    static func authorization(_ id: String, _ key: ToolAuthKey, _ column: Column) -> SealedPlace {
        SealedPlace(kind: .authorization, key: key, id: id, column: column)
    }

    static func revocation(_ id: String, _ key: ToolAuthKey, _ column: Column) -> SealedPlace {
        SealedPlace(kind: .revocation, key: key, id: id, column: column)
    }

    /// What the record's key is derived for: the row.
    var recordInfo: [UInt8] { Self.joined(["toolauthd record v1"]) + row }

    /// What is authenticated besides the value: the blob's header, the row and the column.
    func associatedData(header: some Collection<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(header.count + row.count + column.rawValue.utf8.count + 8)
        Self.append(header, to: &bytes)
        bytes += row
        Self.append(column.rawValue.utf8, to: &bytes)
        return bytes
    }

    /// Each part after its length, so that no two lists of parts give the same bytes.
    private static func joined(_ parts: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parts.reduce(0) { $0 + $1.utf8.count + 4 })
        for part in parts { append(part.utf8, to: &bytes) }
        return bytes
    }

    private static func append(_ part: some Collection<UInt8>, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: part.count).bigEndian) { bytes += $0 }
        bytes += part
    }
}
