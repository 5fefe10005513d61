import NIOCore
import SocketAPI
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("The body of a token's answer")
struct TokenJSONTests {
    static let texts = [
        "", "plain", "a\"b\\c/d", "\u{0}\u{1}\u{8}\u{9}\u{a}\u{b}\u{c}\u{d}\u{1f}\u{7f}", "ünïcödé ☂ 𝒳",
        "\u{2028}\u{2029}",
        "</script>&'", "e\u{301}é",
    ]

    @Test("is what a general encoder makes of it", arguments: texts)
    func equalsEncoder(text: String) throws {
        for (expires, warning) in [
            (nil, nil), (Timestamp(millisecondsSinceEpoch: 1_795_743_924_791), TokenWarning(.refreshFailed, text)),
        ] {
            var record = Sample.record
            record.scope = text
            record.tokenType = text
            record.expiresAt = expires
            record.metadata = [text: text, "b": "2", "a": "1", "team.id": "T\(text)"]
            for secret in [Secret(text), Secret([0xff, 0x22, 0x41] as [UInt8])] {
                let token = IssuedToken(
                    accessToken: secret, record: record, expiresIn: expires.map { _ in .milliseconds(3599_999) },
                    warning: warning)
                #expect(
                    String(buffer: TokenJSON.encode(token)) == String(buffer: try JSONBytes.encode(TokenBody(token))))
            }
        }
    }
}
