import NIOCore
import Testing

@testable import APIServer

@Suite("Where a request ends in the bytes that came")
struct ByteGateTests {
    @Test(
        "one whole head and nothing else is told from everything else",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", true), ("\r\n\r\n", true), ("", false), ("\r\n\r", false),
            ("GET / HTTP/1.1\r\nHost: x\r\n", false), ("a\r\n\r\nb\r\n\r\n", false), ("\r\n\r\n\r\n", false),
            ("a\r\n\r\nb", false), ("\r\n\r\n\r\n\r\n", false), ("a\n\n", false),
            (String(repeating: "a", count: 5000) + "\r\n\r\n", false),
        ])
    func heads(text: String, expected: Bool) {
        #expect(ByteGate.isOneHead(ByteBuffer(string: text).readableBytesView) == expected)
    }
}
