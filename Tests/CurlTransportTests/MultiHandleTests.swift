import CCurl
import Dispatch
import TestSupport
import Testing

@testable import CurlTransport

@Suite(.timeLimit(.minutes(5)))
struct MultiHandleTests {
    @Test("a socket that cannot be watched fails its transfer instead of hanging")
    func unwatched() async throws {
        let (_, port) = listenOnLoopback()
        let queue = DispatchQueue(label: "test")
        let closing = DispatchGroup()
        let result = try queue.sync {
            let multi = try MultiHandle(.patient(), on: queue, closing: closing) { _ in }
            let easy = try #require(EasyHandle())
            defer {
                multi.remove(easy)
                easy.destroy()
                multi.close()
            }
            multi.watches.cancel()
            try easy.set(CURLOPT_URL, "http://127.0.0.1:\(port)/")
            #expect(curl_multi_add_handle(multi.pointer, easy.pointer) == CURLM_OK)
            multi.perform(.turn)
            return multi.nextEnded()?.result
        }
        #expect(result == CURLE_COULDNT_CONNECT)
    }
}
