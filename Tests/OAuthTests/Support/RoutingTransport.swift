import OAuth
import ToolAuthCore

/// Answers by the URL, without its query, and remembers what was asked: 404 for what it does not know.
final class RoutingTransport: HTTPTransport {
    typealias Reply = Result<HTTPReply, TransportFailure>

    private let routes: Locked<[String: Reply]>
    private let requests = Locked<[HTTPRequest]>([])
    private let gate = Locked<(isShut: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    init(_ routes: [String: Reply] = [:]) {
        self.routes = Locked(routes)
    }

    subscript(url: String) -> Reply? {
        get { routes.withLock { $0[url] } }
        set { routes.withLock { $0[url] = newValue } }
    }

    var sent: [HTTPRequest] { requests.withLock { $0 } }
    var urls: [String] { sent.map(\.url) }

    /// `scheme://host:port` of each request, each once.
    var origins: Set<String> { Set(urls.map { (try? EndpointURL($0).origin) ?? $0 }) }

    /// No reply comes until ``open()``.
    func shut() { gate.withLock { $0.isShut = true } }

    func open() {
        let waiting = gate.withLock { gate in
            defer { gate = (false, []) }
            return gate.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func send(_ request: HTTPRequest) async -> Reply {
        requests.withLock { $0.append(request) }
        await withCheckedContinuation { continuation in
            let goesOn = gate.withLock { gate in
                if gate.isShut { gate.waiting.append(continuation) }
                return !gate.isShut
            }
            if goesOn { continuation.resume() }
        }
        let url = String(request.url.prefix { $0 != "?" })
        return routes.withLock { $0[url] } ?? Fixture.success(404)
    }

    func connect(to url: String, options: TransportOptions, timeout: Duration) async -> TransportFailure? { nil }
}

/// Words of those who want codes, tokens and secrets for themselves.
enum Hostile {
    /// None of them is `accounts.zoho.com` in any spelling.
    static let hosts = [
        "evil.example", "https://evil.example", "https://evil.example/accounts.zoho.com", "//evil.example",
        "http://accounts.zoho.com", "accounts.zoho.com.evil.example", "accounts.zoho.com@evil.example",
        "https://accounts.zoho.com@evil.example", "https://accounts.zoho.com:secret@evil.example",
        "accounts.zoho.com/../", "accounts.zoho.com/", "accounts.zoho.com#", "accounts.zoho.com?",
        "accounts.zoho.com\\.evil.example", "accounts.zoho.com:8443", "accounts.zoho.com.", "evil.example#.zoho.com",
        "evil.example?.zoho.com", "evil.example/.zoho.com", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::1]",
        "localhost", "169.254.169.254", "[::ffff:10.0.0.1]", "аccounts.zoho.com", "accounts.zoho.cоm",
        "accounts。zoho。com", "ａccounts.zoho.com", "accounts.zoho.com\u{202e}", "accounts%2ezoho%2ecom",
        "accounts.zoho.com%2f@evil.example", "evil.example%00.zoho.com", "evil.example\0.zoho.com",
        "accounts.zoho.com\r\nHost: evil.example", "accounts.zoho.com\nevil.example", " accounts.zoho.com", " ", "\t",
        "${connection.accounts-server}", "..", "*", String(repeating: "a.", count: 200) + "zoho.com",
        String(repeating: "x", count: 100_000),
    ]
}
