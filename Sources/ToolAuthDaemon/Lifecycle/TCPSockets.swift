import Logging
import Providers
import Systemd
import Telemetry

/// The sockets besides the API's: for browsers that come back, and for scrapers. Each is off unless asked for.
struct TCPSockets {
    let callback: [CInt]
    let metrics: CInt?

    init(_ settings: DaemonSettings, inherited: InheritedSockets, logger: Logger) throws(ListenError) {
        let configuration = settings.configuration
        if !inherited.callback.isEmpty {
            if configuration.callbackAddress != nil {
                logger.tell(.settingIgnored(detail: "callback.listen is not used: the service manager passed a socket"))
            }
            callback = inherited.callback
        } else {
            callback =
                try configuration.callbackAddress.map { address throws(ListenError) in
                    [try Self.bind(address, "callback.listen")]
                } ?? []
        }
        metrics = try configuration.metricsAddress.map { address throws(ListenError) in
            try Self.bind(address, "metrics.listen")
        }
    }

    private static func bind(_ address: ListenAddress, _ purpose: String) throws(ListenError) -> CInt {
        try TCPListener.bind(host: address.host, port: address.port, isIPv6: address.isIPv6, purpose: purpose)
    }
}
