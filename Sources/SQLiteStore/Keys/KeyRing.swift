import Crypto
import FoundationEssentials
import Glibc
import ToolAuthCore

/// All master keys at hand: the newest seals, all open.
struct KeyRing: Sendable {
    let keys: [MasterKey]
    let newest: MasterKey

    init(_ key: MasterKey) {
        keys = [key]
        newest = key
    }

    /// Reads `KEYID:BASE64(32 bytes)` a line, newest last; empty lines and lines that begin with `#` are passed over.
    ///
    /// - Parameter origin: the file or credential, for errors, which name line and fault and never show the line.
    /// - Throws: `key`.
    init(parsing text: Secret, from origin: String) throws(StoreError) {
        var keys: [MasterKey] = []
        try text.withUnsafeBytes { bytes throws(StoreError) in
            var number = 0
            for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
                number += 1
                guard let line = Self.content(of: line) else { continue }
                let key: MasterKey
                switch Self.read(line) {
                case .success(let read): key = read
                case .failure(let fault): throw Self.error("\(origin), line \(number): \(fault.text)")
                }
                if keys.contains(where: { $0.id == key.id }) {
                    throw Self.error("\(origin), line \(number): the key id \(key.id) was given before")
                }
                keys.append(key)
            }
        }
        guard let newest = keys.last else { throw Self.error("\(origin) holds no key") }
        self.keys = keys
        self.newest = newest
    }

    private init(_ keys: [MasterKey], newest: MasterKey) {
        self.keys = keys
        self.newest = newest
    }

    /// With one more, which then is the newest.
    func adding(_ key: MasterKey) -> KeyRing { KeyRing(keys + [key], newest: key) }

    /// Without a key that is not the newest.
    func removing(_ id: String) -> KeyRing { KeyRing(keys.filter { $0.id != id }, newest: newest) }

    func key(_ id: String) -> MasterKey? {
        keys.first { $0.id == id }
    }

    private struct Fault: Error { let text: String }

    private static func error(_ what: String) -> StoreError {
        StoreError(.key, "\(what). Each line must read KEYID:BASE64 with 32 bytes of key, the newest last.")
    }

    /// What a line says of a key, without the blanks around it; nil: nothing.
    static func content(of line: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer>? {
        let line = trimmed(line)
        return line.isEmpty || line.first == UInt8(ascii: "#") ? nil : line
    }

    private static func trimmed(_ line: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }
        var line = line
        while let last = line.last, isBlank(last) { line = line.dropLast() }
        while let first = line.first, isBlank(first) { line = line.dropFirst() }
        return line
    }

    private static func read(_ line: Slice<UnsafeRawBufferPointer>) -> Result<MasterKey, Fault> {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return .failure(Fault(text: "no colon")) }
        let id = line[..<colon]
        guard MasterKey.isValidID(id) else {
            return .failure(Fault(text: "a key id has 1 to 64 letters, digits, dots, dashes or underscores"))
        }
        var encoded = Data(line[line.index(after: colon)...])
        defer { encoded.erase() }
        guard var decoded = Data(base64Encoded: encoded) else { return .failure(Fault(text: "not Base64")) }
        defer { decoded.erase() }
        guard decoded.count == 32 else { return .failure(Fault(text: "\(decoded.count) bytes of key instead of 32")) }
        return .success(MasterKey(id: String(decoding: id, as: UTF8.self), key: SymmetricKey(data: decoded)))
    }
}

extension Data {
    /// Overwrites the bytes, if nobody shares them.
    mutating func erase() {
        withUnsafeMutableBytes { buffer in
            if let base = buffer.baseAddress { explicit_bzero(base, buffer.count) }
        }
    }
}
