import Testing

@testable import ToolAuthClient

@Suite("Reading a reply")
struct ReplyParserTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: String
        let status: Int
        let body: String
        let allowsReuse: Bool

        init(_ name: String, _ bytes: String, _ status: Int, _ body: String, reuse: Bool = true) {
            testDescription = name
            self.bytes = bytes
            self.status = status
            self.body = body
            allowsReuse = reuse
        }
    }

    static let whole = [
        Case("a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"),
        Case("no reason phrase", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, ""),
        Case("an empty reason phrase", "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", 404, ""),
        Case("the same length twice", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length: 2\r\n\r\nab", 200, "ab"),
        Case("blanks around a value", "HTTP/1.1 200 OK\r\nContent-Length: \t 2 \r\n\r\nab", 200, "ab"),
        Case("204 has no body", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        Case(
            "100 Continue is read over", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
            200, "x"),
        Case(
            "chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
            200, "abc0123456789"),
        Case(
            "chunk extensions and trailers",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1;a=b\r\nx\r\n00\r\nT: v\r\n\r\n", 200, "x"),
        Case(
            "line breaks inside a chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n", 200, "\r\n\r\n"),
        Case(
            "Connection: close", "HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 1\r\n\r\nx", 200, "x",
            reuse: false),
        Case("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", reuse: false),
        Case("bytes behind the reply", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxyz", 200, "x", reuse: false),
        Case(
            "bytes behind the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nH", 200, "",
            reuse: false),
    ]

    @Test("a well-formed reply is read, in one piece and byte by byte", arguments: whole)
    func wellFormed(_ example: Case) throws {
        var parser = ReplyParser(bodyLimit: 1000)
        let reply = try #require(try parser.receive(Array(example.bytes.utf8)))
        #expect(reply.status == example.status)
        #expect(String(decoding: reply.body, as: UTF8.self) == example.body)
        #expect(reply.allowsReuse == example.allowsReuse)

        var slow = ReplyParser(bodyLimit: 1000)
        var result: Reply?
        for byte in example.bytes.utf8 where result == nil { result = try slow.receive([byte]) }
        #expect(result?.status == example.status)
        #expect(result?.body == reply.body)
    }

    @Test("without a length, the end of the connection is the end of the body")
    func untilClose() throws {
        var parser = ReplyParser(bodyLimit: 1000)
        #expect(try parser.receive(Array("HTTP/1.1 200 OK\r\n\r\nsome".utf8)) == nil)
        #expect(try parser.receive(Array("thing".utf8)) == nil)
        guard case .reply(let reply) = parser.end() else { throw Unexpected() }
        #expect(reply.body == Array("something".utf8))
        #expect(!reply.allowsReuse)
    }

    @Test(
        "rubbish is refused",
        arguments: [
            "SSH-2.0-OpenSSH_9.2\r\n", "\0\0\0\u{18}", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.2 200 OK\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 099 X\r\n\r\n",
            "HTTP/1.1 600 X\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\n: no name\r\n\r\n", "HTTP/1.1 200 OK\r\nBlank : x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\nB: c\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\nx",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n",
        ])
    func rubbish(_ bytes: String) {
        #expect(throws: ReplyFault.self) {
            var parser = ReplyParser(bodyLimit: 1000)
            _ = try parser.receive(Array(bytes.utf8))
        }
    }

    @Test(
        "more than is admitted is refused before it is read to its end",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n1\r\n",
            "HTTP/1.1 200 OK\r\n\r\n01234567890",
            "HTTP/1.1 200 OK\r\nA: " + String(repeating: "x", count: 16 * 1024),
            String(repeating: "HTTP/1.1 100 Continue\r\nA: 0123456789\r\n\r\n", count: 500),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: "0", count: 2000),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
                + String(repeating: "T: 0123456789\r\n", count: 2000),
        ])
    func oversize(_ bytes: String) {
        #expect(throws: ReplyFault.self) {
            var parser = ReplyParser(bodyLimit: 10)
            _ = try parser.receive(Array(bytes.utf8))
        }
    }

    @Test(
        "a body of exactly the limit is read",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n",
        ])
    func exactlyTheLimit(_ bytes: String) throws {
        var parser = ReplyParser(bodyLimit: 10)
        #expect(try parser.receive(Array(bytes.utf8))?.body.count == 10)
    }

    @Test(
        "an end before the first byte is told from one in the middle",
        arguments: [
            ("", ReplyParser.End.nothing), ("HTTP/1.", .truncated),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx", .truncated),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", .truncated),
            ("HTTP/1.1 100 Continue\r\n\r\n", .truncated),
        ])
    func ends(_ bytes: String, _ end: ReplyParser.End) throws {
        var parser = ReplyParser(bodyLimit: 10)
        #expect(try parser.receive(Array(bytes.utf8)) == nil)
        #expect(parser.end() == end)
    }

    @Test(
        "a media type is compared without case, parameters and blanks",
        arguments: [
            ("application/problem+json", "application/problem+json"),
            ("Application/JSON ; charset=utf-8", "application/json"),
        ])
    func mediaType(_ value: String, _ expected: String) throws {
        let head = try ReplyHead(parsing: Array("HTTP/1.1 200 OK\r\nContent-Type: \(value)".utf8))
        #expect(head.mediaType == expected)
    }
}

struct Unexpected: Error {}
