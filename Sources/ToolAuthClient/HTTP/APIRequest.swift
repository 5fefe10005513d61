import ToolAuthCore

/// A request of the API before it is bytes.
package struct APIRequest: Sendable {
    package enum Method: String, Sendable { case get = "GET", post = "POST", put = "PUT", delete = "DELETE" }

    package var method: Method
    /// Segments of the path, decoded; none of them empty.
    package var path: [String]
    /// Parameters in order, decoded.
    package var query: [(name: String, value: String)]
    /// Header fields beside those every request has; values are ours, never a caller's text.
    package var fields: [(name: String, value: String)]
    /// JSON; nil: the request has no body.
    package var body: [UInt8]?

    package init(
        _ method: Method, _ path: [String], query: [(name: String, value: String?)] = [],
        fields: [(name: String, value: String)] = [], body: [UInt8]? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query.compactMap { name, value in value.map { (name, $0) } }
        self.fields = fields
        self.body = body
    }

    /// Path and query as they stand in the request line.
    package var target: String {
        let path = self.path.map { "/" + PercentEncoding.encode($0) }.joined()
        if query.isEmpty { return path }
        return path + "?"
            + query.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }.joined(
                separator: "&")
    }

    /// The request as it is sent (RFC 9112 §2.1).
    package func encoded() -> [UInt8] {
        var head = "\(method.rawValue) \(target) HTTP/1.1\r\nHost: localhost\r\n"
        head += "Accept: application/json, application/problem+json\r\n"
        for field in fields { head += "\(field.name): \(field.value)\r\n" }
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + (body ?? [])
    }
}
