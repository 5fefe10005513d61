/// What one client may cost: sizes, numbers and times. Tests shorten the times.
package struct APILimits: Sendable {
    /// Connections served at once; whoever comes beyond is told 503 and closed.
    package var maxConnections = 4096
    /// Connections of one peer at once; 0: no limit of its own.
    package var maxConnectionsPerPeer = 0
    /// Requests of one peer in a second; 0: no limit.
    package var maxRequestRatePerPeer = 0
    /// The largest request body, in bytes.
    package var maxBodySize = 64 * 1024
    /// The longest request target, in bytes.
    package var maxTargetSize = 8 * 1024
    /// All header fields of a request, names and values, in bytes.
    package var maxHeadersSize = 16 * 1024
    /// How many header fields a request may have.
    package var maxHeaderCount = 100
    /// From the first byte of a request to its last.
    package var requestDeadline: Duration = .seconds(10)
    /// How long a client that is sent an answer may read nothing of it.
    package var readerDeadline: Duration = .seconds(30)
    /// How long a connection may stay open between requests.
    package var idleTimeout: Duration = .seconds(60)
    /// How long a connection may be quiet before it gets a channel; see ``ExpressLane``.
    package var expressPatience: Duration = .milliseconds(20)
    /// How long a connection that is to be closed is still read from: a client in the middle of sending gets to see
    /// the answer instead of a broken pipe, and one that had just connected at shutdown gets to ask.
    package var linger: Duration = .seconds(1)

    package init() {}
}
