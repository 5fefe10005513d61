import OAuth
import ToolAuthCore

/// Lets somebody change each request before it leaves.
struct PreparingTransport: HTTPTransport {
    let transport: any HTTPTransport
    let prepare: @Sendable (inout HTTPRequest) -> Void

    func send(_ request: HTTPRequest) async -> Result<HTTPReply, TransportFailure> {
        var prepared = request
        prepare(&prepared)
        // Where it goes was decided under the document's rules.
        guard let from = try? EndpointURL(request.url), let to = try? EndpointURL(prepared.url),
            from.origin == to.origin
        else {
            let detail = "the request was prepared for another host than the provider's"
            return .failure(TransportFailure(.refused, mayHaveBeenSent: false, detail: detail))
        }
        return await transport.send(prepared)
    }

    func connect(to url: String, options: TransportOptions, timeout: Duration) async -> TransportFailure? {
        await transport.connect(to: url, options: options, timeout: timeout)
    }
}
