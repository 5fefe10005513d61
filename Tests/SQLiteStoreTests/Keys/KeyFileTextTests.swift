import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct KeyFileTextTests {
    private static let one = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    private static let two = "k2:HxAeHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE="

    private func key(_ line: String) throws -> MasterKey { try KeyRing(parsing: Secret(line), from: "test").newest }

    private func text(_ text: KeyFileText) -> String {
        text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "a key is added at the end, and what else is there stays as it was written",
        arguments: [
            ("", "\(two)\n"), ("# mine\n\(one)\n", "# mine\n\(one)\n\(two)\n"), ("\(one)", "\(one)\n\(two)\n"),
            ("\n\(one)\r\n\n", "\n\(one)\r\n\n\(two)\n"),
            ("\(two)\n\(one)\n", "\(two)\n\(one)\n"), ("  \(two)\t\r\n", "  \(two)\t\r\n"),
        ])
    func adding(before: String, after: String) throws {
        #expect(text(KeyFileText(Secret(before)).adding(try key(Self.two))) == after)
    }

    @Test(
        "a key is removed with its line alone",
        arguments: [
            ("\(one)\n\(two)\n", "\(two)\n"), ("# mine\n\n \(one)\r\n# k1:x\n\(two)", "# mine\n\n# k1:x\n\(two)"),
            ("\n\n\(one)\n\n", "\n\n\n"), ("\(two)\n", "\(two)\n"), ("\(two)\n\(one)", "\(two)"),
            ("k1.1:x\nk11:x\n\(one)\n", "k1.1:x\nk11:x\n"),
        ])
    func removing(before: String, after: String) {
        #expect(text(KeyFileText(Secret(before)).removing("k1")) == after)
    }
}
