import OAuth
import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("Requests that a type of one's own changes before they leave")
struct PreparingTransportTests {
    private let request = HTTPRequest(method: .post, url: "https://auth.example.com/token")

    /// What goes out, and the failure where nothing does.
    private func send(
        _ prepare: @escaping @Sendable (inout HTTPRequest) -> Void
    ) async -> (sent: [String], failure: TransportFailure?) {
        let transport = ScriptedTransport { _ in
            .failure(TransportFailure(.connect, mayHaveBeenSent: false, detail: "the script's"))
        }
        let result = await PreparingTransport(transport: transport, prepare: prepare).send(request)
        guard case .failure(let failure) = result else { return (transport.requests.map(\.url), nil) }
        return (transport.requests.map(\.url), failure)
    }

    @Test("go to another path or query of the same host, with other headers")
    func changed() async {
        let end = await send {
            $0.url = "https://auth.example.com:443/signed?a=b"
            $0.addHeaders(["X-Signature": "s"])
        }
        #expect(end.sent == ["https://auth.example.com:443/signed?a=b"])
        #expect(end.failure?.detail == "the script's")
    }

    @Test(
        "and not to another host, port or scheme",
        arguments: [
            "https://other.example.com/token", "https://auth.example.com:444/token", "http://auth.example.com/token",
            "https://auth.example.com@other.example.com/token", "no URL", "",
        ])
    func elsewhere(url: String) async {
        let end = await send { $0.url = url }
        #expect(end.sent == [])
        #expect(end.failure?.detail == "the request was prepared for another host than the provider's")
        #expect(end.failure?.mayHaveBeenSent == false)
    }
}
