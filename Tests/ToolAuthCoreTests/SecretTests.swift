import Testing
import ToolAuthCore

@Suite("Secrets")
struct SecretTests {
    let secret = Secret("canary-7f3a")

    @Test("a secret shows itself nowhere that text is made of values")
    func redacted() throws {
        let record = ToolAuth(record: try sampleRecord(), accessToken: secret, refreshToken: secret)
        let header = HTTPRequest.Header("Authorization", secret)
        let holders: [Any] = [
            secret, Optional(secret) as Any, [secret], ["key": secret], Holder.error(secret),
            Result<Secret, Holder>.success(secret),
            record, header, HTTPRequest(method: .post, url: "https://provider.test", headers: [header], body: secret),
            HTTPReply(status: 200, headers: [], body: secret),
        ]
        for holder in holders {
            var dumped = ""
            dump(holder, to: &dumped)
            var printed = ""
            print(holder, to: &printed)
            let texts = ["\(holder)", String(describing: holder), String(reflecting: holder), dumped, printed]
            for text in texts {
                #expect(!text.contains("canary"), "\(type(of: holder))")
                #expect(!text.contains("99, 97, 110"), "\(type(of: holder)) shows its bytes")
                #expect(
                    text.contains("‹redacted›"), "\(type(of: holder)) does not get to its secret, and proves nothing")
            }
        }
        #expect("\(secret)" == "‹redacted›")
        #expect("\(Secret(""))" == "‹redacted›")
    }

    @Test("an error that holds one says nothing of it")
    func errors() {
        let error: any Error = Holder.error(secret)
        #expect("\(error)" == "error(‹redacted›)")
        #expect(String(reflecting: error).contains("‹redacted›"))
    }

    @Test("nothing of it is reflected")
    func reflected() {
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(Mirror(reflecting: secret).superclassMirror == nil)
        #expect(secret.debugDescription == "‹redacted›")
    }

    @Test("it is not Codable by accident")
    func notCodable() {
        #expect(!((secret as Any) is any Encodable))
        #expect(!((secret as Any) is any Decodable))
        #expect(!((secret as Any) is any CodingKey))
        #expect(!((secret as Any) is any LosslessStringConvertible))
        #expect(!((secret as Any) is any Hashable))
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
        arguments: [
            ("a", "a", true), ("a", "b", false), ("a", "ab", false), ("", "", true), ("", "a", false),
            ("abc", "xbc", false), ("abc", "axc", false), ("abc", "abx", false),
            // Canonically equal as strings, and different bytes.
            ("jos\u{e9}", "jose\u{301}", false),
        ])
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

/// An error that was made with what it should not show.
private enum Holder: Error {
    case error(Secret)
}
