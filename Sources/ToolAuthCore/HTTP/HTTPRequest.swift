/// A request as OAuth needs it. Header values and body hold credentials, so they are secrets.
public struct HTTPRequest: Sendable {
    public enum Method: String, Sendable { case get = "GET", post = "POST" }

    public struct Header: Sendable, Equatable {
        public let name: String
        public let value: Secret

        public init(_ name: String, _ value: Secret) {
            self.name = name
            self.value = value
        }

        public init(_ name: String, _ value: String) {
            self.init(name, Secret(value))
        }
    }

    public var method: Method
    public var url: String
    public var headers: [Header]
    /// nil: no body.
    public var body: Secret?
    public var options: TransportOptions
    /// From the call to the last byte of the reply.
    public var timeout: Duration = .seconds(30)
    public var connectTimeout: Duration = .seconds(5)
    /// A longer reply is cut off while it streams.
    public var maximumReplyBytes: Int = 1 << 20
    /// Not over a kept connection: for requests that must not be lost to one that died unnoticed.
    public var needsFreshConnection: Bool = false

    public init(
        method: Method, url: String, headers: [Header] = [], body: Secret? = nil,
        options: TransportOptions = TransportOptions()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.options = options
    }
}

/// What a tool's configuration says of its way to the provider.
public struct TransportOptions: Sendable, Hashable {
    /// PEM file of the authorities to trust instead of the system's.
    public var caFile: String?
    public var proxy: String?
    /// Plain http to 127.0.0.1, ::1 and localhost, for tests.
    public var allowsHTTPLoopback: Bool

    public init(caFile: String? = nil, proxy: String? = nil, allowsHTTPLoopback: Bool = false) {
        self.caFile = caFile
        self.proxy = proxy
        self.allowsHTTPLoopback = allowsHTTPLoopback
    }
}
