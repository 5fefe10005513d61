import Crypto
import FoundationEssentials
import Glibc
import ToolAuthCore

/// The text of a key file, changed line by line: comments and the other keys stay as somebody wrote them.
struct KeyFileText: Sendable {
    private let text: Secret

    static let heading =
        "# Master keys of toolauthd, newest last. Whoever has this file and the store has the tokens.\n"
    static let retiredHeading =
        "# Retired master keys of toolauthd. Backups from before they were retired open with them alone.\n"

    init(_ text: Secret) {
        self.text = text
    }

    /// A new one, with nothing but a comment.
    init(heading: String) {
        text = Secret(heading)
    }

    /// Bytes.
    var count: Int { text.count }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try text.withUnsafeBytes(body)
    }

    func ring(from origin: String) throws(StoreError) -> KeyRing { try KeyRing(parsing: text, from: origin) }

    /// With a key at the end; where the same line is there already, as it is.
    func adding(_ key: MasterKey) -> KeyFileText {
        var line = Self.line(of: key)
        defer { line.erase() }
        return text.withUnsafeBytes { bytes in
            let isThere = lines(bytes).contains { KeyRing.content(of: $0)?.elementsEqual(line) == true }
            if isThere { return self }
            var data = Data(bytes)
            defer { data.erase() }
            // Room for all of it at once: what a growing buffer leaves behind is not overwritten.
            data.reserveCapacity(bytes.count + line.count + 2)
            if let last = bytes.last, last != UInt8(ascii: "\n") { data.append(UInt8(ascii: "\n")) }
            data.append(line)
            data.append(UInt8(ascii: "\n"))
            return KeyFileText(Secret(data))
        }
    }

    /// Without the lines of a key.
    func removing(_ id: String) -> KeyFileText {
        let prefix = Array("\(id):".utf8)
        return text.withUnsafeBytes { bytes in
            var data = Data(capacity: bytes.count + 1)
            defer { data.erase() }
            let kept = lines(bytes).filter { KeyRing.content(of: $0)?.starts(with: prefix) != true }
            for (number, line) in kept.enumerated() {
                if number > 0 { data.append(UInt8(ascii: "\n")) }
                data.append(contentsOf: line)
            }
            return KeyFileText(Secret(data))
        }
    }

    private func lines(_ bytes: UnsafeRawBufferPointer) -> [Slice<UnsafeRawBufferPointer>] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }

    private static func line(of key: MasterKey) -> Data {
        var raw = key.key.withUnsafeBytes { Data($0) }
        var encoded = raw.base64EncodedData()
        defer {
            raw.erase()
            encoded.erase()
        }
        var line = Data(capacity: key.id.utf8.count + 1 + encoded.count)
        line.append(contentsOf: "\(key.id):".utf8)
        line.append(encoded)
        return line
    }
}
