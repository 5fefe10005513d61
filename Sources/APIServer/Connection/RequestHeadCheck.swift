import NIOHTTP1
import ToolAuthCore

/// What is refused before a route is looked for.
enum RequestHeadCheck {
    /// Checks sizes and form of a request's head.
    ///
    /// - Returns: the head with its target in origin form.
    static func check(_ head: HTTPRequestHead, _ limits: APILimits) -> Result<HTTPRequestHead, ToolAuthError> {
        guard head.uri.utf8.count <= limits.maxTargetSize else { return .failure(targetTooLarge(limits)) }
        let size = head.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        guard size <= limits.maxHeadersSize else { return .failure(headersTooLarge(limits)) }
        // RFC 9112 §3.2.
        guard head.version.minor == 0 || head.headers["Host"].count == 1 else {
            return .failure(.invalidRequest(field: "Host", "An HTTP/1.1 request has exactly one Host header."))
        }
        if let length = head.headers.first(name: "Content-Length") {
            guard let length = Int(length), length <= limits.maxBodySize else { return .failure(bodyTooLarge(limits)) }
        }
        guard let target = RequestTarget.originForm(head.uri) else {
            return .failure(
                .invalidRequest(
                    field: "path", "The request target is not a path; bytes outside ASCII are percent-encoded."))
        }
        var head = head
        head.uri = target
        return .success(head)
    }

    /// Whether the client waits for `100 Continue` (RFC 9110 §10.1.1).
    static func expectsContinue(_ head: HTTPRequestHead) -> Bool {
        head.version.minor > 0 && head.headers["Expect"].contains { $0.lowercased() == "100-continue" }
    }

    /// - Parameter hasTarget: whether the request line had ended when the error came.
    static func problem(_ error: HTTPParserError, hasTarget: Bool, _ limits: APILimits) -> ToolAuthError {
        switch error {
        case .headerOverflow: hasTarget ? headersTooLarge(limits) : targetTooLarge(limits)
        case .invalidEOFState: ToolAuthError(.invalidRequest, "The connection ended in the middle of the request.")
        case .invalidVersion: ToolAuthError(.invalidRequest, "The request is not HTTP/1.1.")
        default: ToolAuthError(.invalidRequest, "The request is not well-formed HTTP/1.1.")
        }
    }

    static func bodyTooLarge(_ limits: APILimits) -> ToolAuthError {
        ToolAuthError(.bodyTooLarge, "A request body has at most \(limits.maxBodySize) bytes.")
    }

    private static func targetTooLarge(_ limits: APILimits) -> ToolAuthError {
        ToolAuthError(.targetTooLarge, "A request target has at most \(limits.maxTargetSize) bytes.")
    }

    private static func headersTooLarge(_ limits: APILimits) -> ToolAuthError {
        ToolAuthError(
            .headersTooLarge,
            "A request has at most \(limits.maxHeaderCount) header fields, of \(limits.maxHeadersSize) bytes in all.")
    }
}
