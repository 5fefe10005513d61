import TestSupport
import Testing
import ToolAuthCore

@testable import Providers

@Suite("toolauthd.yaml")
struct DaemonConfigurationTests {
    private func load(_ text: String) throws -> DaemonConfiguration {
        let fixture = ConfigurationFixture()
        fixture.write("toolauthd.yaml", text)
        return try fixture.load().daemon
    }

    @Test("need not be there, nor say anything", arguments: [nil, "", "# nothing\n"])
    func nothing(text: String?) throws {
        let fixture = ConfigurationFixture()
        if let text { fixture.write("toolauthd.yaml", text) }
        #expect(try fixture.load().daemon == DaemonConfiguration())
    }

    @Test("is read whole")
    func all() throws {
        var expected = DaemonConfiguration()
        expected.storePath = "/srv/t.db"
        expected.socket.path = "/run/t/api.sock"
        expected.socket.mode = 0o666
        expected.socket.group = "alice"
        expected.keysFile = "/srv/keys"
        expected.stateLifetime = .seconds(300)
        expected.refresh.aheadFraction = 0.5
        expected.refresh.aheadMinimum = .seconds(30)
        expected.refresh.aheadMaximum = .seconds(3600)
        expected.refresh.jitter = 0
        expected.refresh.eagerness = .active
        expected.refresh.idleAfter = .seconds(3 * 86_400)
        expected.proxy = "http://127.0.0.1:3128"
        expected.allowsInlineSecrets = true
        expected.logLevel = .debug
        expected.limits.connections = 100
        expected.limits.body = 128 << 10
        let text = """
            store: sqlite:///srv/t.db
            socket: {path: /run/t/api.sock, mode: 0666, group: alice}
            keys: {file: /srv/keys}
            authorization: {state_lifetime: 5m}
            refresh: {ahead: {fraction: 0.5, min: 30s, max: 1h}, jitter: 0, policy: active, idle_after: 3d}
            proxy: http://127.0.0.1:3128
            allow_inline_secrets: true
            log: {level: debug}
            limits: {connections: 100, body: 128KiB}

            """
        #expect(try load(text) == expected)
    }

    @Test("names authorities relative to its directory, and they are looked at")
    func authorities() throws {
        let fixture = ConfigurationFixture()
        fixture.write("toolauthd.yaml", "tls: {ca_file: ca.pem}\n")
        fixture.write("ca.pem", "# ours\n-----BEGIN CERTIFICATE-----\n")
        #expect(try fixture.load().daemon.caFile == "\(fixture.directory.path)/ca.pem")
        fixture.write("ca.pem", "nothing of the kind\n")
        let error = #expect(throws: ConfigurationError.self) { try fixture.load() }
        #expect(error?.problems.first?.message == "\(fixture.directory.path)/ca.pem holds no certificate in PEM form")
    }

    @Test(
        "ends the start when anything is wrong with it",
        arguments: [
            ("stor: x", "1:1: stor: unknown key 'stor' (did you mean 'store'?)"),
            ("- a", "1:1: takes a map, not a list"),
            ("store: postgres://x", "1:8: store: only sqlite:// and an absolute path is supported by this version"),
            (
                "store: sqlite://x.db",
                "1:8: store: the path is not absolute; write sqlite:///var/lib/toolauthd/toolauthd.db, with three slashes"
            ),
            ("socket: {path: api.sock}", "1:16: socket.path: is not an absolute path"),
            (
                "socket: {path: /\(String(repeating: "x", count: 107))}",
                "1:16: socket.path: is 108 bytes long; a socket's path has at most 107"
            ),
            ("socket: {mode: \"0999\"}", "1:16: socket.mode: takes permission bits in octal, such as 0660, not '0999'"),
            ("socket: {mode: \"7777\"}", "1:16: socket.mode: takes permission bits in octal, such as 0660, not '7777'"),
            ("socket: {mode: rw}", "1:16: socket.mode: takes permission bits in octal, such as 0660, not 'rw'"),
            ("keys: {file: k}", "1:14: keys.file: is not an absolute path"),
            ("callback: {}", "1:1: callback.listen: 'listen' is missing"),
            (
                "callback: {listen: \"192.0.2.1:8790\"}",
                "1:20: callback.listen: 192.0.2.1 is not a loopback address: others would reach it"
            ),
            (
                "callback: {listen: localhost}",
                "1:20: callback.listen: takes an IP address and a port, such as 127.0.0.1:8790 or [::1]:8790, not 'localhost'"
            ),
            (
                "metrics: {listen: \"[::]:9464\"}",
                "1:19: metrics.listen: :: is not a loopback address: others would reach it"
            ),
            (
                "metrics: {listen: \"[::1]:9464\", allow_non_loopback: true}",
                "1:33: metrics.allow_non_loopback: unknown key 'allow_non_loopback'"
            ),
            ("retention: {dead: never}", "1:1: retention: 'retention' is not supported by this version"),
            ("clients: {}", "1:10: clients: takes a list, not a map"),
            (
                "limits: {connections_per_peer: -1}",
                "1:32: limits.connections_per_peer: takes a whole number from 0 to 65536, not '-1'"
            ),
            (
                "limits: {body: 1GiB}",
                "1:16: limits.body: takes a size from 1024 to 1048576 bytes, such as 512, 64KiB or 1MiB, not '1GiB'"
            ),
            (
                "authorization: {state_lifetime: 2h}",
                "1:33: authorization.state_lifetime: takes a duration from 1s to 1h, such as 500ms, 30s, 10m, 12h or 7d, not '2h'"
            ),
            ("refresh: {ahead: {min: 1h, max: 1m}}", "1:11: refresh.ahead: min (1h) is more than max (1m)"),
            (
                "refresh: {policy: lazy}",
                "1:19: refresh.policy: takes eager, active or on_demand, not 'lazy'"
            ),
            ("refresh: {at_least: 1d}", "1:11: refresh.at_least: unknown key 'at_least'"),
            (
                "log: {level: verbose}",
                "1:14: log.level: takes trace, debug, info, notice, warning, error or critical, not 'verbose'"
            ),
            (
                "allow_inline_secrets: on",
                "1:23: allow_inline_secrets: takes true or false, not 'on' ('on' is text in YAML 1.2)"
            ),
            (
                "a: [",
                "2:1: not YAML: did not find expected node content while parsing a flow node that began in line 2"
            ),
        ])
    func fatal(text: String, problem: String) throws {
        let fixture = ConfigurationFixture()
        fixture.write("toolauthd.yaml", text + "\n")
        let error = #expect(throws: ConfigurationError.self) { try fixture.load() }
        #expect(error?.problems.map { fixture.told($0.description) } == ["toolauthd.yaml:\(problem)"])
    }

    @Test("tells all that is wrong, a line each")
    func several() throws {
        let fixture = ConfigurationFixture()
        fixture.write("toolauthd.yaml", "proxy: x\nlog: {level: x}\nstore: y\n")
        let error = #expect(throws: ConfigurationError.self) { try fixture.load() }
        #expect(error?.problems.map(\.key) == ["proxy", "log.level", "store"])
        #expect(error?.description.split(separator: "\n").count == 3)
    }

    @Test("that is no file ends the start, too")
    func directory() throws {
        let fixture = ConfigurationFixture()
        try fixture.directory.makeDirectory("toolauthd.yaml")
        let error = #expect(throws: ConfigurationError.self) { try fixture.load() }
        #expect(
            error?.problems.first.map { fixture.told($0.description) } == "toolauthd.yaml:1:1: is not a regular file")
    }

    @Test("as shipped says what is the default")
    func shipped() throws {
        let path = "\(repositoryRoot)/etc/toolauthd/toolauthd.yaml"
        let text = String(decoding: try FileReader.read(path, limit: 1 << 20).bytes, as: UTF8.self)
        #expect(try load(text) == DaemonConfiguration())
        // With its keys put in force: what has a default is the default.
        let inForce = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let isKey = line.hasPrefix("#") && (!line.hasPrefix("# ") || line.hasPrefix("#  "))
            return isKey ? String(line.dropFirst()) : String(line)
        }.filter { !$0.contains("ca_file") && !$0.hasPrefix("proxy") && !$0.hasPrefix("tls") }.joined(separator: "\n")
        var expected = DaemonConfiguration()
        expected.storePath = "/var/lib/toolauthd/toolauthd.db"
        expected.socket.path = "/run/toolauthd/api.sock"
        expected.socket.group = "toolauth"
        expected.keysFile = "/var/lib/toolauthd/master.key"
        expected.refresh.aheadFraction = 0.25
        expected.refresh.aheadMinimum = .seconds(60)
        expected.refresh.aheadMaximum = .seconds(604_800)
        expected.refresh.jitter = 0.1
        expected.refresh.eagerness = .eager
        expected.refresh.idleAfter = .seconds(604_800)
        expected.callbackAddress = ListenAddress("127.0.0.1:8790")
        expected.metricsAddress = ListenAddress("127.0.0.1:9464")
        var configuration = try load(inForce)
        #expect(configuration.clients?.map(\.name) == ["assistants"])
        #expect(configuration.clients?.first?.tools.map(\.pattern) == ["gmail", "google_*"])
        configuration.clients = nil
        #expect(configuration == expected)
    }
}
