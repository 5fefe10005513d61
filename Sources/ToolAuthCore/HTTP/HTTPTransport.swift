/// Sends HTTP requests, and tries connections. Implemented on libcurl; doubled in tests.
public protocol HTTPTransport: Sendable {
    /// Never throws: a failure says whether the request may have reached the server. Cancelling the task ends the
    /// transfer promptly with `.cancelled`. No redirect is followed, no request is sent twice.
    func send(_ request: HTTPRequest) async -> Result<HTTPReply, TransportFailure>

    /// Opens a connection as a request to `url` would, with all that this checks (name lookup, proxy, TCP, TLS and its
    /// certificate), sends no request over it, and closes it: so a circuit breaker finds out whether a server that was
    /// out of reach can be reached again, without risking a token. Of HTTP/2 the preface may be sent, which carries
    /// nothing. Cancelling the task ends it promptly with `.cancelled`.
    ///
    /// - Parameters:
    ///   - url: as of a request, and refused like one; path and query go nowhere.
    ///   - timeout: from the call until the connection stands.
    /// - Returns: nil if the connection stood; else why not, with `mayHaveBeenSent` false.
    func connect(to url: String, options: TransportOptions, timeout: Duration) async -> TransportFailure?
}
