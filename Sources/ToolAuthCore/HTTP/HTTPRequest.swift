/// A request as OAuth needs it. Header values and body hold credentials, so they are secrets.
public struct HTTPRequest: Sendable {
    /// The methods that token endpoints take.
    public enum Method: String, Sendable { case get = "GET", post = "POST" }

    /// A field of the head.
    public struct Header: Sendable, Equatable {
        /// As it is written; servers compare it without regard to case.
        public let name: String
        /// Without a line break.
        public let value: Secret

        /// A header whose value may be a credential.
        public init(_ name: String, _ value: Secret) {
            self.name = name
            self.value = value
        }

        /// A header whose value is no secret.
        public init(_ name: String, _ value: String) {
            self.init(name, Secret(value))
        }
    }

    /// With `get` there is no body.
    public var method: Method
    /// Absolute, its query included.
    public var url: String
    /// In the order sent, beside those the transport adds by itself.
    public var headers: [Header]
    /// nil: no body.
    public var body: Secret?
    /// The way there.
    public var options: TransportOptions
    /// From the call to the last byte of the reply.
    public var timeout: Duration = .seconds(30)
    /// From the call until the connection is there and the request begins; part of ``timeout``.
    public var connectTimeout: Duration = .seconds(5)
    /// A longer reply is cut off while it streams.
    public var maximumReplyBytes: Int = 1 << 20
    /// Not over a kept connection: for requests that must not be lost to one that died unnoticed.
    public var needsFreshConnection: Bool = false

    /// A request with the usual time-outs, which may use a kept connection.
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
    /// URL of the proxy to the provider; nil: none.
    public var proxy: String?
    /// Plain http to 127.0.0.1, ::1 and localhost, for tests.
    public var allowsHTTPLoopback: Bool

    /// The system's authorities, no proxy and https alone, but for what is given.
    public init(caFile: String? = nil, proxy: String? = nil, allowsHTTPLoopback: Bool = false) {
        self.caFile = caFile
        self.proxy = proxy
        self.allowsHTTPLoopback = allowsHTTPLoopback
    }
}
