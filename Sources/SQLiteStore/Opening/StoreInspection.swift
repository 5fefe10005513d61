import FoundationEssentials
import GRDB
import Glibc
import ToolAuthCore

/// Looks at a store without changing a byte, so that a refused start leaves it as it was.
///
/// Merely opening a WAL database writes: SQLite makes `-shm`, recovers, and checkpoints at the end. So the header is read
/// as a file, and SQLite opens the rest read-only: as immutable where there is no log, else exclusively and without locks
/// (a VFS of SQLite's own), which keeps the index of the log in memory. Its try to checkpoint when that closes ends at a
/// descriptor opened for reading only. The lock on the directory keeps other daemons away meanwhile.
///
/// It looks at header, schema and a few small tables only. A scan of everything (`PRAGMA quick_check`) would take a start
/// of seconds per million grants; damage elsewhere is reported by the read that meets it.
struct StoreInspection {
    let database: String
    /// What messages call it; nil: by its path.
    var name: String?
    /// Whether another process writes to it. Then it is read as SQLite reads a database in use: nothing is made, since all
    /// that SQLite needs beside it is there.
    var isInUse = false

    private var subject: String { name ?? database }

    static let magic = Array("SQLite format 3\0".utf8)
    private static let headerSize = 100
    private static let applicationIDOffset = 68

    /// - Returns: nil if there is no store yet.
    /// - Throws: `notAccessible`, `corrupt` or `tooNew`.
    func facts() throws(StoreError) -> StoreFacts? {
        guard try isPresent() else { return nil }
        do {
            return try read(Self.facts)
        } catch let error as StoreError where error.code == .tooNew {
            throw StoreError(.tooNew, "\(subject) \(error.detail)")
        } catch {
            throw StoreError(error, file: subject)
        }
    }

    /// Looks into every page.
    ///
    /// - Throws: `corrupt`.
    func requireIntegrity() throws(StoreError) {
        do {
            let finding = try read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
            guard finding == "ok" else {
                throw StoreError(.corrupt, "\(subject) is damaged. (\(finding ?? "no finding"))")
            }
        } catch {
            throw StoreError(error, file: subject)
        }
    }

    /// Runs `body` on a connection that cannot write.
    private func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.readonly = true
        if isInUse {
            configuration.busyMode = .timeout(5)
        } else if hasWriteAheadLog {
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
        }
        let queue = try DatabaseQueue(path: uri, configuration: configuration)
        defer { try? queue.close() }
        return try queue.read(body)
    }

    private static func facts(_ db: Database) throws -> StoreFacts {
        if try Schema.migrator.hasBeenSuperseded(db) {
            throw StoreError(
                .tooNew,
                "was written by a newer toolauthd. Install that version again, or restore a backup made by this one.")
        }
        let checks = try Row.fetchAll(db, sql: "SELECT key_id, check_value FROM master_keys ORDER BY key_id").map {
            StoreFacts.KeyCheck(
                keyID: try $0.decode(String.self, forColumn: "key_id"),
                value: [UInt8](try $0.decode(Data.self, forColumn: "check_value")))
        }
        let holdsSealedData = try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM tool_auths)
                    OR EXISTS (SELECT 1 FROM revocations)
                    OR EXISTS (SELECT 1 FROM authorizations WHERE code_verifier NOT NULL OR nonce NOT NULL)
                """)
        let grants = try Int.fetchOne(db, sql: "SELECT sum(count) FROM status_counts")
        let schema = try Schema.migrator.appliedIdentifiers(db).count
        let hold = schema < 2 ? nil : try String.fetchOne(db, sql: "SELECT hold FROM store_state")
        return StoreFacts(
            keyChecks: checks, holdsSealedData: holdsSealedData ?? true, grants: grants ?? 0, schema: schema,
            hold: hold.flatMap(StoreHold.init(rawValue:)))
    }

    /// Whether there is a file with anything in it; an empty one is a store yet to be made.
    private func isPresent() throws(StoreError) -> Bool {
        // O_NONBLOCK: a pipe of that name must not keep the start waiting.
        guard let file = FileDescriptor(database, O_RDONLY | O_NONBLOCK), let status = file.status else {
            let number = errno
            if number == ENOENT { return false }
            throw .system(
                .notAccessible, "\(subject) cannot be read", errno: number,
                advice: "Give it to the user toolauthd runs as.")
        }
        guard status.isRegular else { throw StoreError(.corrupt, "\(subject) is not a file. Move it away.") }
        if status.st_size == 0 { return false }
        let header = withUnsafeTemporaryAllocation(byteCount: Self.headerSize, alignment: 1) { buffer in
            file.read(into: buffer).map { Array(buffer[..<$0]) }
        }
        guard let header else {
            throw .system(.io, "\(subject) cannot be read", errno: errno, advice: "Look for disk errors.")
        }
        guard header.count == Self.headerSize, header.starts(with: Self.magic) else {
            throw StoreError(
                .corrupt,
                "\(subject) is not a SQLite database. Restore it from a backup, or move it away to begin with an empty "
                    + "store.")
        }
        let offset = Self.applicationIDOffset
        let applicationID = header[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard Int32(bitPattern: applicationID) == Schema.applicationID else {
            throw StoreError(
                .corrupt,
                "\(subject) is a SQLite database, but not one of toolauthd. Move it away, or name another state "
                    + "directory.")
        }
        return true
    }

    private var hasWriteAheadLog: Bool {
        guard let status = FileDescriptor("\(database)-wal", O_RDONLY)?.status else { return false }
        return status.st_size > 0
    }

    private var access: String {
        isInUse ? "" : hasWriteAheadLog ? "&vfs=unix-none" : "&immutable=1"
    }

    /// https://sqlite.org/uri.html
    private var uri: String {
        let path = database.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                String(UnicodeScalar(byte))
            default: "%" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }
        }
        return "file:\(path.joined())?mode=ro\(access)"
    }
}
