package import ToolAuthCore

/// A request as OAuth needs it. Header values and body hold credentials, so they are secrets.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable { case get = "GET", post = "POST" }

    package struct Header: Sendable, Equatable {
        package let name: String
        package let value: Secret

        package init(_ name: String, _ value: Secret) {
            self.name = name
            self.value = value
        }

        package init(_ name: String, _ value: String) {
            self.init(name, Secret(value))
        }
    }

    package var method: Method
    package var url: String
    package var headers: [Header]
    /// nil: no body.
    package var body: Secret?
    package var options: TransportOptions
    /// From the call to the last byte of the reply.
    package var timeout: Duration = .seconds(30)
    package var connectTimeout: Duration = .seconds(5)
    /// A longer reply is cut off while it streams.
    package var maximumReplyBytes: Int = 1 << 20
    /// Not over a kept connection: for requests that must not be lost to one that died unnoticed.
    package var needsFreshConnection: Bool = false

    package init(
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
package struct TransportOptions: Sendable, Hashable {
    /// PEM file of the authorities to trust instead of the system's.
    package var caFile: String?
    package var proxy: String?
    /// Plain http to 127.0.0.1, ::1 and localhost, for tests.
    package var allowsHTTPLoopback: Bool

    package init(caFile: String? = nil, proxy: String? = nil, allowsHTTPLoopback: Bool = false) {
        self.caFile = caFile
        self.proxy = proxy
        self.allowsHTTPLoopback = allowsHTTPLoopback
    }
}
