package import ToolAuthCore

/// `toolauthd.yaml`: what holds for the daemon and all tools. A key that was not given is nil or its default.
package struct DaemonConfiguration: Sendable, Equatable {
    /// The API's socket, where systemd passes none.
    package struct Socket: Sendable, Equatable {
        /// Absolute; nil: the default.
        package var path: String?
        /// Permission bits.
        package var mode: UInt32 = 0o660
        /// nil: the daemon's own group.
        package var group: String?

        package init() {}
    }

    package enum LogLevel: String, Sendable, CaseIterable { case trace, debug, info, notice, warning, error, critical }

    package struct Limits: Sendable, Equatable {
        /// Connections at once.
        package var connections = 4096
        /// Connections at once of one peer, which is a rule and a uid; 0: no limit of its own.
        package var connectionsPerPeer = 0
        /// Requests a second of one peer; 0: no limit.
        package var requestsPerSecondPerPeer = 0
        /// The longest request body, in bytes.
        package var body = 64 << 10

        package init() {}
    }

    /// What `refresh` sets for all tools; nil: the built-in default.
    package struct RefreshDefaults: Sendable, Equatable {
        package var aheadFraction: Double?
        package var aheadMinimum: Duration?
        package var aheadMaximum: Duration?
        package var jitter: Double?
        package var eagerness: RefreshPolicy.Eagerness?
        package var idleAfter: Duration?

        package init() {}
    }

    /// Absolute path of the SQLite database; nil: in the state directory.
    package var storePath: String?
    package var socket = Socket()
    /// Absolute path of the master keys; nil: in the state directory.
    package var keysFile: String?
    /// Where browsers come back to; nil: nowhere.
    package var callbackAddress: ListenAddress?
    /// Where scrapers ask; nil: nowhere.
    package var metricsAddress: ListenAddress?
    /// In their order; nil: none are configured, which is not the same as an empty list.
    package var clients: [ClientDocument]?
    package var stateLifetime: Duration = .seconds(600)
    package var refresh = RefreshDefaults()
    /// Absolute path of a PEM file; nil: the system's authorities.
    package var caFile: String?
    package var proxy: String?
    package var allowsInlineSecrets = false
    package var logLevel: LogLevel = .info
    package var limits = Limits()

    package init() {}
}
