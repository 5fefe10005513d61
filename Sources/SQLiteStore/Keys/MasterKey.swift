import Crypto
import ToolAuthCore

/// A key from which the keys of records are derived, and the name by which sealed data asks for it.
struct MasterKey: Sendable {
    /// 1–64 of `A–Z a–z 0–9 . _ -`.
    let id: String
    let key: SymmetricKey
    /// Keyed with what HKDF extracts: that half of a derivation is the same for all, and most of its cost.
    private let expansion: HMAC<SHA256>

    init(id: String, key: SymmetricKey) {
        self.id = id
        self.key = key
        let extracted = HKDF<SHA256>.extract(inputKeyMaterial: key, salt: Array("toolauthd".utf8))
        expansion = HMAC(key: SymmetricKey(data: extracted))
    }

    /// The 256 bits that HKDF-SHA-256 (RFC 5869) derives for what `info` names: the first block of its expansion.
    func derive(_ info: [UInt8]) -> SymmetricKey {
        var block = expansion
        block.update(data: info)
        block.update(data: [1])
        return SymmetricKey(data: block.finalize())
    }

    /// 256 random bits under a random name.
    static func generate() -> MasterKey {
        var generator = SystemRandomNumberGenerator()
        let suffix = String(UInt32.random(in: 0...UInt32.max, using: &generator), radix: 16)
        return MasterKey(
            id: "k" + String(repeating: "0", count: 8 - suffix.count) + suffix, key: SymmetricKey(size: .bits256))
    }

    static func isValidID(_ id: some Collection<UInt8>) -> Bool {
        (1...64).contains(id.count)
            && id.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// What the store keeps to tell this key from another of the same name; says nothing of the key.
    var checkValue: [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(id.utf8), using: derive(Array("key check v1".utf8))))
    }
}
