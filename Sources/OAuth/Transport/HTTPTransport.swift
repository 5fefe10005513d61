/// Sends one HTTP request. Implemented on libcurl; doubled in tests.
package protocol HTTPTransport: Sendable {
    /// Never throws: a failure says whether the request may have reached the server. Cancelling the task ends the
    /// transfer promptly with `.cancelled`. No redirect is followed, no request is sent twice.
    func send(_ request: HTTPRequest) async -> Result<HTTPReply, TransportFailure>
}
