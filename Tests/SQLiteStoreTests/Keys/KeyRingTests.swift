import Crypto
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct KeyRingTests {
    private static let one = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    private static let two = "HxAeHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE="

    @Test("the last line is the newest key; blank lines, comments and line ends of either kind are passed over")
    func reads() throws {
        let text = "# keys\n\nold:\(Self.one)\r\n  \n\tnew.2-x_Y:\(Self.two)  \n# end"
        let ring = try KeyRing(parsing: Secret(text), from: "test")
        #expect(ring.keys.map(\.id) == ["old", "new.2-x_Y"])
        #expect(ring.newest.id == "new.2-x_Y")
        #expect(
            try ring.key("old")?.checkValue == KeyRing(parsing: Secret("old:\(Self.one)"), from: "").newest.checkValue)
        #expect(ring.key("none") == nil)
    }

    @Test(
        "a line that is no key is refused by its number, and never shown",
        arguments: [
            ("k1", "line 1: no colon"),
            ("# c\n\n:\(one)", "line 3: a key id has"),
            ("k 1:\(one)", "line 1: a key id has"),
            ("k\u{e9}:\(one)", "line 1: a key id has"),
            ("\(String(repeating: "k", count: 65)):\(one)", "line 1: a key id has"),
            ("k1:SECRET!!", "line 1: not Base64"),
            ("k1:\(one.dropLast())", "line 1: not Base64"),
            ("k1:\(one) SECRET", "line 1: not Base64"),
            ("k1:", "line 1: 0 bytes of key instead of 32"),
            ("k1:U0VDUkVU", "line 1: 6 bytes of key instead of 32"),
            ("k1:\(one)\nk2:\(two)\nk1:\(two)", "line 3: the key id k1 was given before"),
            ("", "holds no key"),
            ("# only\n\n", "holds no key"),
        ])
    func refuses(text: String, fault: String) {
        let error = #expect(throws: StoreError.self) { try KeyRing(parsing: Secret(text), from: "test") }
        #expect(error?.code == .key)
        #expect(error?.detail.hasPrefix("test") == true)
        #expect(error?.detail.contains(fault) == true, "\(error?.detail ?? "")")
        #expect(error?.detail.contains("SECRET") == false)
        #expect(error?.detail.contains(Self.one.prefix(8)) == false)
    }

    @Test("a check value tells apart keys of one name, and names of one key")
    func checkValues() throws {
        func check(_ line: String) throws -> [UInt8] {
            try KeyRing(parsing: Secret(line), from: "test").newest.checkValue
        }
        #expect(try check("k1:\(Self.one)") == check("k1:\(Self.one)"))
        #expect(try check("k1:\(Self.one)") != check("k1:\(Self.two)"))
        #expect(try check("k1:\(Self.one)") != check("k2:\(Self.one)"))
    }

    @Test("generated keys differ and have names that can be read back")
    func generates() {
        let keys = (0..<100).map { _ in MasterKey.generate() }
        #expect(Set(keys.map { MasterKey(id: "same", key: $0.key).checkValue }).count == 100)
        #expect(keys.allSatisfy { $0.id.utf8.count == 9 && MasterKey.isValidID($0.id.utf8) })
    }

    @Test(
        "what a key derives is HKDF's, each time",
        arguments: ["", "a", "toolauthd record v1", String(repeating: "x", count: 300)])
    func derives(info: String) throws {
        let master = MasterKey.generate()
        let expected = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: master.key, salt: Array("toolauthd".utf8), info: Array(info.utf8), outputByteCount: 32)
        for _ in 1...3 { #expect(master.derive(Array(info.utf8)) == expected) }
    }
}
