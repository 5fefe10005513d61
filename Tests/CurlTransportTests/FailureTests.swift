import CCurl
import Testing
import ToolAuthCore

@testable import CurlTransport

/// What libcurl's results mean. Before the request began nothing was sent; afterwards it may have been, whatever the
/// result.
struct FailureTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let code: CURLcode
        let before: TransportFailure.Kind
        let after: TransportFailure.Kind
        var testDescription: String { String(cString: curl_easy_strerror(code)) }

        init(_ code: CURLcode, before: TransportFailure.Kind, after: TransportFailure.Kind) {
            self.code = code
            self.before = before
            self.after = after
        }
    }

    static let rows: [Row] = [
        Row(CURLE_COULDNT_RESOLVE_HOST, before: .resolve, after: .resolve),
        Row(CURLE_COULDNT_RESOLVE_PROXY, before: .resolve, after: .resolve),
        Row(CURLE_COULDNT_CONNECT, before: .connect, after: .interrupted),
        Row(CURLE_PROXY, before: .connect, after: .interrupted),
        Row(CURLE_SSL_CONNECT_ERROR, before: .tls, after: .tls),
        Row(CURLE_PEER_FAILED_VERIFICATION, before: .tls, after: .tls),
        Row(CURLE_SSL_CACERT_BADFILE, before: .tls, after: .tls),
        Row(CURLE_SSL_CERTPROBLEM, before: .tls, after: .tls),
        Row(CURLE_SSL_ISSUER_ERROR, before: .tls, after: .tls),
        Row(CURLE_SSL_CLIENTCERT, before: .tls, after: .tls),
        Row(CURLE_OPERATION_TIMEDOUT, before: .timeout, after: .timeout),
        Row(CURLE_PARTIAL_FILE, before: .connect, after: .interrupted),
        Row(CURLE_GOT_NOTHING, before: .connect, after: .interrupted),
        Row(CURLE_SEND_ERROR, before: .connect, after: .interrupted),
        Row(CURLE_RECV_ERROR, before: .connect, after: .interrupted),
        Row(CURLE_SEND_FAIL_REWIND, before: .connect, after: .interrupted),
        Row(CURLE_HTTP2, before: .connect, after: .interrupted),
        Row(CURLE_HTTP2_STREAM, before: .connect, after: .interrupted),
        Row(CURLE_FILESIZE_EXCEEDED, before: .replyTooLarge, after: .replyTooLarge),
        Row(CURLE_UNSUPPORTED_PROTOCOL, before: .refused, after: .other),
        Row(CURLE_URL_MALFORMAT, before: .refused, after: .other),
        Row(CURLE_WRITE_ERROR, before: .other, after: .other),
        Row(CURLE_ABORTED_BY_CALLBACK, before: .other, after: .other),
        Row(CURLE_WEIRD_SERVER_REPLY, before: .other, after: .other),
        Row(CURLE_OUT_OF_MEMORY, before: .other, after: .other),
        Row(CURLE_FAILED_INIT, before: .other, after: .other),
        Row(CURLcode(rawValue: 9999), before: .other, after: .other),
    ]

    @Test("each result has its kind, and only before the request is it certain that nothing was sent", arguments: rows)
    func kinds(_ row: Row) {
        let before = TransportFailure(row.code, TransferProgress(), peer: "localhost:443")
        #expect(before.kind == row.before)
        #expect(!before.mayHaveBeenSent)
        let after = TransportFailure(row.code, TransferProgress(requestBegan: true), peer: "localhost:443")
        #expect(after.kind == row.after)
        #expect(after.mayHaveBeenSent)
        #expect(before.detail.contains("localhost:443") && after.detail.contains("localhost:443"))
    }

    @Test("no result at all claims that nothing was sent once the request began", arguments: 1...110)
    func everyCode(_ code: UInt32) {
        for stopped in [false, true] {
            for large in [false, true] {
                let progress = TransferProgress(requestBegan: true, repeatWasStopped: stopped, replyTooLarge: large)
                #expect(TransportFailure(CURLcode(rawValue: code), progress, peer: "").mayHaveBeenSent)
            }
        }
    }

    @Test("what the callbacks saw goes before what libcurl calls it")
    func progressFirst() {
        let repeated = TransferProgress(requestBegan: true, repeatWasStopped: true)
        #expect(TransportFailure(CURLE_ABORTED_BY_CALLBACK, repeated, peer: "").kind == .interrupted)
        let large = TransferProgress(requestBegan: true, replyTooLarge: true)
        #expect(TransportFailure(CURLE_WRITE_ERROR, large, peer: "").kind == .replyTooLarge)
    }

    @Test("libcurl's own words are used before the request only, on one line of bounded length")
    func words() {
        let text = "certificate of\r\nevil" + String(repeating: "x", count: 500)
        let before = TransportFailure(CURLE_PEER_FAILED_VERIFICATION, TransferProgress(), peer: "h:1", text: text)
        #expect(before.detail.hasPrefix("TLS with h:1 failed: certificate of  evilx"))
        #expect(before.detail.utf8.count < 300)
        let after = TransportFailure(CURLE_RECV_ERROR, TransferProgress(requestBegan: true), peer: "h:1", text: text)
        #expect(!after.detail.contains("evil"))
    }
}
