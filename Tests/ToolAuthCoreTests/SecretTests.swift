import Testing
import ToolAuthCore

@Suite("Secrets")
struct SecretTests {
    let secret = Secret("canary-7f3a")

    @Test("a secret shows itself nowhere that text is made of values")
    func redacted() throws {
        var dumped = ""
        dump(secret, to: &dumped)
        let inside = ToolAuth(record: try sampleRecord(), accessToken: secret, refreshToken: secret)
        var dumpedInside = ""
        dump(inside, to: &dumpedInside)
        for text in [
            "\(secret)", String(describing: secret), String(reflecting: secret), dumped, "\(inside)", dumpedInside,
        ] {
            #expect(!text.contains("canary"))
        }
        #expect("\(secret)" == "‹redacted›")
    }

    @Test("it is not Codable by accident")
    func notCodable() {
        #expect(!((secret as Any) is any Encodable))
        #expect(!((secret as Any) is any Decodable))
    }

    @Test("it reveals what it was made of, once asked to")
    func reveals() {
        #expect(secret.reveal() == "canary-7f3a")
        #expect(secret.count == 11)
        #expect(secret.withUnsafeBytes { Array($0) } == Array("canary-7f3a".utf8))
        #expect(Secret("").isEmpty)
    }

    @Test(
        "two are equal if their bytes are",
        arguments: [("a", "a", true), ("a", "b", false), ("a", "ab", false), ("", "", true)])
    func equality(left: String, right: String, same: Bool) {
        #expect((Secret(left) == Secret(right)) == same)
    }

    private func sampleRecord() throws -> ToolAuthRecord {
        let now = Timestamp(secondsSinceEpoch: 0)
        return ToolAuthRecord(
            key: try sampleKey(), tokenType: "Bearer", scope: "", obtainedAt: now,
            expiresAt: nil, hasAccessToken: true, hasRefreshToken: true, clientID: "client",
            tokenOrigin: "https://provider.test:443", createdAt: now)
    }
}
