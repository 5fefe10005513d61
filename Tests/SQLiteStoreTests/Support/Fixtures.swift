import GRDB
import TestSupport
import ToolAuthCore

@testable import SQLiteStore

extension Timestamp {
    /// Seconds after an arbitrary beginning.
    static func at(_ seconds: Int64) -> Timestamp { Timestamp(secondsSinceEpoch: 1_800_000_000 + seconds) }
}

func key(_ tool: String, _ user: String) throws -> ToolAuthKey {
    ToolAuthKey(try required(ToolID(tool)), try required(UserID(user)))
}

struct Missing: Error {}

func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
}

func grant(
    _ key: ToolAuthKey, access: String? = "access", refresh: String? = "refresh", refreshAt: Timestamp? = .at(100)
) -> ToolAuth {
    var record = ToolAuthRecord(
        key: key, tokenType: "Bearer", scope: "mail.read", obtainedAt: .at(0), expiresAt: .at(3600),
        hasAccessToken: access != nil, hasRefreshToken: refresh != nil, clientID: "client",
        tokenOrigin: "https://provider.example:443", createdAt: .at(0))
    record.refreshAt = refreshAt
    return ToolAuth(record: record, accessToken: access.map { Secret($0) }, refreshToken: refresh.map { Secret($0) })
}

func pendingAuthorization(
    _ id: String, _ key: ToolAuthKey, state: String, createdAt: Timestamp = .at(0), expiresAt: Timestamp = .at(600)
) -> PendingAuthorization {
    PendingAuthorization(
        id: id, key: key, state: Secret(state), codeVerifier: Secret("verifier of \(id)"),
        nonce: Secret("nonce of \(id)"), authURL: "https://provider.example/authorize?state=\(state)",
        redirectURI: "http://127.0.0.1:8790/callback", frontendRedirect: "https://app.example/done", scope: "mail.read",
        issuer: "https://provider.example", requiresIssuer: true, clientID: "client", connection: ["domain": "acme"],
        createdAt: createdAt, expiresAt: expiresAt)
}

extension SQLiteTokenStore {
    /// A store in a directory of its own, with a key file beside it.
    static func open(
        in directory: TemporaryDirectory, machineID: String? = nil,
        onCommit: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> SQLiteTokenStore {
        try await open(
            directory: directory.path, keys: .file("\(directory.path)/master.key"), machineID: machineID,
            onCommit: onCommit)
    }

    /// Runs one SQL text on the writer, once all that went before is done.
    func sql(_ text: String, _ arguments: StatementArguments = []) throws {
        try pool.writeWithoutTransaction { try $0.execute(sql: text, arguments: arguments) }
    }

    func put(_ toolAuth: ToolAuth) async throws -> ToolAuthRecord {
        switch try await put(toolAuth, .none) {
        case .created(let record), .replaced(let record, _): return record
        case .mismatch: throw Missing()
        }
    }
}

extension Sealer {
    init(ring: KeyRing) { self.init(keys: KeysInForce(ring, from: .credential("test"))) }
}

extension CommitResult {
    var stored: ToolAuth? { if case .stored(let toolAuth) = self { toolAuth } else { nil } }
}

/// What opening a store in `directory` throws.
func openingError(
    _ directory: String, keys: KeySource? = nil
) async throws -> StoreError {
    let store: SQLiteTokenStore
    do throws(StoreError) {
        store = try await SQLiteTokenStore.open(
            directory: directory, keys: keys ?? .file("\(directory)/master.key"))
    } catch {
        return error
    }
    try await store.close()
    throw Missing()
}

/// Copies database and log of a store that is open, as a crash would leave them, with its key.
func copyCrashed(_ store: SQLiteTokenStore, to directory: TemporaryDirectory) throws {
    for name in ["toolauthd.db", "toolauthd.db-wal", "master.key"] {
        try write(try contents(of: "\(store.directory)/\(name)"), to: "\(directory.path)/\(name)")
    }
}
