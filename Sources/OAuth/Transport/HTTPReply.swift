package import ToolAuthCore

/// A whole reply, of any status. Its body holds tokens.
package struct HTTPReply: Sendable {
    package var status: Int
    /// In the order received, trailers left out.
    package var headers: [(name: String, value: String)]
    package var body: Secret

    package init(status: Int, headers: [(name: String, value: String)], body: Secret) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, in any case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
