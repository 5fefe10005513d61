extension CurlHTTPTransport {
    package struct Configuration: Sendable {
        /// As in `User-Agent`, such as `toolauthd/1.0`.
        package var userAgent: String
        /// Connections at once; transfers beyond wait, while their time-outs run. So there is one for each attempt that a
        /// provider's document may allow, and besides for what else is sent to it and to others.
        package var maximumConnections: Int = 512
        package var maximumConnectionsPerHost: Int = 320
        /// A connection idle for longer is not used again, in whole seconds, at least 1. Short, because a provider that
        /// closes it at the same moment makes an end that is ambiguous.
        package var idleConnectionAge: Duration = .seconds(5)
        /// All header lines of a reply together.
        package var maximumHeaderBytes: Int = 64 << 10
        /// Host names looked up at once.
        package var maximumLookups: Int = 16
        /// How long the addresses of a host are good.
        package var lookupLifetime: Duration = .seconds(60)
        /// Looks a host name up, blocking. Called on a thread of its own.
        package var lookUp: @Sendable (String) -> NameAnswer

        /// - Parameter lookUp: nil: as the system does.
        package init(userAgent: String, lookUp: (@Sendable (String) -> NameAnswer)? = nil) {
            self.userAgent = userAgent
            self.lookUp = lookUp ?? SystemLookup.lookUp
        }
    }
}
