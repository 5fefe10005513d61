import Crypto

/// A backup is a SQLite database and, behind its last page, a trailer: a word that says what it is, and the SHA-256 of all
/// that stands before the trailer.
///
/// SQLite itself does not look past the last page, so that `sqlite3` opens a backup. The trailer tells a whole backup from
/// the beginning of one, and shows damage anywhere, also where no page's structure does.
enum BackupFormat {
    /// What the trailer begins with; the digit is the version of this format.
    static let word = Array("\ntoolauthd backup 1\n".utf8)

    static var trailerSize: Int { word.count + SHA256.byteCount }

    static func trailer(_ digest: SHA256.Digest) -> [UInt8] { word + Array(digest) }
}
