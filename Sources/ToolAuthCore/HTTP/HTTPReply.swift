/// A whole reply, of any status. Its body holds tokens.
public struct HTTPReply: Sendable {
    /// As in the status line.
    public var status: Int
    /// In the order received, trailers left out.
    public var headers: [(name: String, value: String)]
    public var body: Secret

    /// A reply as it came.
    public init(status: Int, headers: [(name: String, value: String)], body: Secret) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, in any case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
