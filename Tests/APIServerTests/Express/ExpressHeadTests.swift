import NIOHTTP1
import Testing

@testable import APIServer

@Suite("Heads that the express lane takes")
struct ExpressHeadTests {
    private func parse(_ text: String) -> (uri: String, accept: [String])? {
        var text = text
        return text.withUTF8 { ExpressHead.parse(UnsafeRawBufferPointer($0)) }.map { ($0.uri, $0.headers["Accept"]) }
    }

    private static let line = "GET /v1/tools/gmail/users/alice/token?wait=0 HTTP/1.1\r\n"

    @Test(
        "plain ones, with headers that change nothing",
        arguments: [
            ("Host: x\r\n\r\n", []), ("host:x\r\nAccept:  */* \r\nUser-Agent: curl/8\r\n\r\n", ["*/*"]),
            ("HOST: \r\naccept: text/plain\r\nAccept-Encoding: gzip\r\nAccept-Language: en\r\n\r\n", ["text/plain"]),
        ])
    func taken(headers: String, accept: [String]) {
        let head = parse(Self.line + headers)
        #expect(head?.uri == "/v1/tools/gmail/users/alice/token?wait=0")
        #expect(head?.accept == accept)
    }

    @Test(
        "and nothing else, which is the decoder's to judge",
        arguments: [
            "", "GET ", line, line + "Host: x\r\n", line + "\r\n", line + "Host: x\r\nHost: y\r\n\r\n",
            line + "Host: x\r\n\r\n\r\n", line + "Host: x\r\n\r\n" + line + "Host: x\r\n\r\n",
            line + "Host: x\r\n\r\nGET /", line + "Host: x\n\r\n", line + "Host: x\r\r\n\r\n",
            line + "Host: x\r\nConnection: close\r\n\r\n", line + "Host: x\r\nContent-Length: 0\r\n\r\n",
            line + "Host: x\r\nTransfer-Encoding: chunked\r\n\r\n", line + "Host: x\r\nExpect: 100-continue\r\n\r\n",
            line + "Host: x\r\nUpgrade: h2c\r\n\r\n", line + "Host: x\r\n Accept: folded\r\n\r\n",
            line + "Host : x\r\n\r\n", line + "Host: x\r\nAccept: \u{1}\r\n\r\n", line + "Host: x\r\nAccept: é\r\n\r\n",
            line + "Host: x\r\nAccept\r\n\r\n", line + "Host: x\r\n: y\r\n\r\n",
            "GET /v1/tools/g HTTP/1.0\r\nHost: x\r\n\r\n", "GET  /v1/tools/g HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /v1/tools/g  HTTP/1.1\r\nHost: x\r\n\r\n", "GET /v1/tools/é HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /v1/tools/#g HTTP/1.1\r\nHost: x\r\n\r\n", "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST /v1/tools/g HTTP/1.1\r\nHost: x\r\n\r\n", "get /v1/tools/g HTTP/1.1\r\nHost: x\r\n\r\n",
            "\r\nGET /v1/tools/g HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET http://x/v1/tools/g HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /v1/tools/\(String(repeating: "g", count: 3000)) HTTP/1.1\r\nHost: x\r\n\r\n",
        ])
    func left(text: String) {
        #expect(parse(text) == nil)
    }

    @Test("no beginning of one is taken for the whole")
    func beginnings() {
        let whole = Self.line + "Host: x\r\nAccept: */*\r\n\r\n"
        for length in 0..<whole.utf8.count {
            #expect(parse(String(decoding: whole.utf8.prefix(length), as: UTF8.self)) == nil)
        }
        #expect(parse(whole) != nil)
    }
}
