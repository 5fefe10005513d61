import OAuth
import ToolAuthCore

extension DaemonConfiguration {
    /// Reads a document; what is wrong with it goes to `log`, and keeps its default here.
    ///
    /// - Parameter directory: what relative paths are relative to.
    init(_ value: YAMLValue, directory: String, _ log: inout ProblemLog) {
        self.init()
        SchemaCheck.map(value, DaemonSchema.document, named: value.position, key: "", &log)
        let document = Section(value: value, position: value.position, key: "")
        if let store = document.located("store") { storePath = Self.storePath(store, &log) }
        if let section = document.section("socket") { socket = Self.socket(section, &log) }
        if let file = document.section("keys")?.located("file") {
            if file.value.utf8.first == UInt8(ascii: "/") {
                keysFile = file.value
            } else {
                log.error(at: file, "is not an absolute path")
            }
        }
        callbackAddress = Self.address(document.section("callback"), &log)
        metricsAddress = Self.address(document.section("metrics"), &log)
        clients = ClientDocument.list(document, &log)
        stateLifetime = document.section("authorization")?.duration("state_lifetime") ?? stateLifetime
        if let section = document.section("refresh") { refresh = Self.refresh(section, &log) }
        if let file = document.section("tls")?.located("ca_file") {
            caFile = CAFile.check(file, in: directory, &log)
        }
        if let url = document.located("proxy") { proxy = ProxyURL.check(url, &log) }
        allowsInlineSecrets = document.boolean("allow_inline_secrets") ?? allowsInlineSecrets
        logLevel = document.section("log")?.choice("level") ?? logLevel
        limits.connections = document.section("limits")?.integer("connections") ?? limits.connections
        limits.connectionsPerPeer =
            document.section("limits")?.integer("connections_per_peer") ?? limits.connectionsPerPeer
        limits.requestsPerSecondPerPeer =
            document.section("limits")?.integer("requests_per_second_per_peer") ?? limits.requestsPerSecondPerPeer
        limits.body = document.section("limits")?.size("body") ?? limits.body
    }

    private static func storePath(_ store: Located<String>, _ log: inout ProblemLog) -> String? {
        let scheme = "sqlite://"
        guard store.value.hasPrefix(scheme) else {
            log.error(at: store, "only sqlite:// and an absolute path is supported by this version")
            return nil
        }
        let path = String(store.value.dropFirst(scheme.count))
        guard path.utf8.first == UInt8(ascii: "/") else {
            log.error(
                at: store,
                "the path is not absolute; write sqlite:///var/lib/toolauthd/toolauthd.db, with three slashes")
            return nil
        }
        return path
    }

    private static func address(_ section: Section?, _ log: inout ProblemLog) -> ListenAddress? {
        guard let section, let text = section.located("listen") else { return nil }
        guard let address = ListenAddress(text.value) else {
            log.error(
                at: text, "takes an IP address and a port, such as 127.0.0.1:8790 or [::1]:8790, not '\(text.value)'")
            return nil
        }
        guard address.isLoopback || section.boolean("allow_non_loopback") == true else {
            log.error(at: text, "\(address.host) is not a loopback address: others would reach it")
            return nil
        }
        return address
    }

    private static func socket(_ section: Section, _ log: inout ProblemLog) -> Socket {
        var socket = Socket()
        if let path = section.located("path") {
            if path.value.utf8.first != UInt8(ascii: "/") {
                log.error(at: path, "is not an absolute path")
            } else if path.value.utf8.count > 107 {
                log.error(at: path, "is \(path.value.utf8.count) bytes long; a socket's path has at most 107")
            } else {
                socket.path = path.value
            }
        }
        if let mode = section.located("mode") {
            if (3...4).contains(mode.value.utf8.count), let bits = UInt32(mode.value, radix: 8), bits <= 0o777 {
                socket.mode = bits
            } else {
                log.error(at: mode, "takes permission bits in octal, such as 0660, not '\(mode.value)'")
            }
        }
        socket.group = section.text("group")
        return socket
    }

    private static func refresh(_ section: Section, _ log: inout ProblemLog) -> RefreshDefaults {
        var defaults = RefreshDefaults()
        let ahead = section.section("ahead")
        defaults.aheadFraction = ahead?.number("fraction")
        defaults.aheadMinimum = ahead?.duration("min")
        defaults.aheadMaximum = ahead?.duration("max")
        defaults.jitter = section.number("jitter")
        defaults.eagerness = section.choice("policy")
        defaults.idleAfter = section.duration("idle_after")
        let policy = RefreshPolicy(layers: [PolicyDocument(defaults)])
        for contradiction in policy.contradictions {
            guard let place = section.name(contradiction.key) else { continue }
            log.error(at: place, contradiction.message)
        }
        return defaults
    }
}
