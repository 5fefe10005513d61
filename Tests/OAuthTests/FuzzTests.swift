import OAuth
import Testing
import ToolAuthCore

/// SplitMix64: the same numbers for the same seed, everywhere.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// Changes a few places of `seed`: bytes replaced, dropped, doubled, pieces of other seeds put in, the end cut off.
private func mutated(_ seed: [UInt8], _ dictionary: [String], using generator: inout SeededGenerator) -> [UInt8] {
    var bytes = seed
    for _ in 0...Int.random(in: 0..<6, using: &generator) {
        let place = Int.random(in: 0...bytes.count, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0 where place < bytes.count: bytes[place] = .random(in: .min ... .max, using: &generator)
        case 1 where place < bytes.count: bytes.remove(at: place)
        case 2: bytes.insert(.random(in: .min ... .max, using: &generator), at: place)
        case 3: bytes.insert(contentsOf: (dictionary.randomElement(using: &generator) ?? "").utf8, at: place)
        case 4: bytes.removeSubrange(place...)
        default: bytes.insert(contentsOf: bytes[..<place].suffix(16), at: place)
        }
    }
    return bytes
}

private let dictionary = [
    "{", "}", "[", "]", "\"", "\\u", "\\ud83d", ":", ",", "-", "e999", "9223372036854775808", "null", "true", "%",
    "%00", "%2e%2e",
    "+", "&", "=", "&state=", "#", "?", "/", "//", "://", "@", "[::1]", ":99999", "\u{0}", "\u{202e}", "\u{301}", "€",
    ".",
    "access_token", "expires_in", "error", "eyJ9.e30.x", "\u{feff}",
]

@Suite("No input stops a parser")
struct FuzzTests {
    private static let rounds = 4000

    private func run(_ seeds: [String], seed: UInt64, _ body: ([UInt8]) -> Void) {
        var generator = SeededGenerator(state: seed)
        for round in 0..<Self.rounds {
            body(mutated(Array(seeds[round % seeds.count].utf8), dictionary, using: &generator))
        }
    }

    @Test("JSON: what parses can be asked for anything")
    func json() {
        var parsed = 0
        run(
            [
                #"{"access_token":"a\u00e9","expires_in":3600.5e1,"team":{"id":["x",null,true]}}"#, "[[[[1]]]]",
                #""\ud83d\ude00""#,
                "-12.5e-3",
            ], seed: 1
        ) { bytes in
            guard let value = JSONValue(parsing: bytes) else { return }
            parsed += 1
            _ = value[path: "team.id"]
            _ = value.text
            for form in [TokenResponseFormat.ExpiryForm.seconds, .epoch, .iso8601] {
                _ = TokenLifetime.end(value, form, sentAt: Fixture.now)
            }
        }
        #expect(parsed > 100)
    }

    @Test("forms: what decodes encodes back to the same pairs")
    func form() {
        run(["a=1&b=%C3%A9+x&c", "access_token=x&scope=a%2Cb"], seed: 2) { bytes in
            guard let pairs = FormURLEncoding.decode(bytes) else { return }
            let encoded = FormURLEncoding.encode(pairs.map { ($0.name, Secret($0.value)) })
            let again = encoded.withUnsafeBytes { FormURLEncoding.decode($0) }
            // A pair without name and value is written as `=`, and read back as itself.
            #expect(again?.map(\.name) == pairs.map(\.name))
            #expect(again?.map(\.value) == pairs.map(\.value))
        }
    }

    @Test("URLs: what is accepted has a plain host and a port")
    func url() {
        var accepted = 0
        run(["https://app.example.com:8443/a/b?x=1", "http://[::1]:80/", "https://a.example/%2e%2e/x"], seed: 3) {
            bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            _ = try? RedirectURI.check(text)
            _ = try? RedirectPattern(text)
            _ = URLQuery.append([("a", "b")], to: text)
            if let url = try? FrontendURL(text) { _ = try? RedirectPattern("https://app.example.com/*").allows(url) }
            guard let url = try? EndpointURL(text) else { return }
            accepted += 1
            #expect((1...65535).contains(url.port))
            #expect(
                !url.host.isEmpty && url.host.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "@") })
            #expect((try? EndpointURL(url.origin))?.origin == url.origin)
        }
        #expect(accepted > 100)
    }

    @Test("a frontend redirect that is allowed stays on its site")
    func frontend() {
        run(["https://app.example.com/x?y=1", "https://app.example.com/a/%2e/b", "https://app.example.com"], seed: 4) {
            bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard (try? FrontendRedirect.check(text, patterns: ["https://app.example.com/*"])) != nil else { return }
            #expect((try? EndpointURL(text))?.origin == "https://app.example.com:443")
            let final = FrontendRedirect.url(text, toolID: Fixture.toolID, result: .failed, error: text)
            #expect(final?.parameter("result") == "failed")
        }
    }

    @Test("callbacks: each ends as a code or an error")
    func callback() {
        run(
            [
                "https://app.example.com/v1/tool/auth?state=s&code=c&iss=https%3A%2F%2Fa.example",
                "https://app.example.com/v1/tool/auth?error=access_denied&state=s",
            ], seed: 5
        ) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard let callback = try? CallbackParser.parse(url: text) else { return }
            #expect(!callback.state.isEmpty)
            _ = try? CallbackCheck.code(of: callback, pending: Fixture.pending(), codeParameter: "code")
        }
    }

    @Test("replies: each has an outcome, in every encoding, and none repeats what was sent")
    func replies() {
        var formats = [TokenResponseFormat(), TokenResponseFormat(), TokenResponseFormat()]
        formats[1].encoding = .auto
        formats[1].at = ["authed_user"]
        formats[1].failedWhen = .init(path: "ok", equals: "false")
        formats[2].encoding = .form
        formats[2].expiry = .init(from: "expires_at", form: .iso8601)
        let statuses = [200, 200, 201, 302, 400, 401, 429, 500]
        let secret = "stored-refresh-token"
        var generator = SeededGenerator(state: 6)
        var names: Set<String> = []
        run(
            [
                #"{"access_token":"a.b.c","refresh_token":"r","expires_in":"3600","scope":["a","b"]}"#,
                #"{"ok":false,"error":"invalid_grant","error_description":"stored-refresh-token"}"#,
                #"{"ok":true,"authed_user":{"access_token":"x","token_type":"user"}}"#,
                "access_token=a&token_type=bearer&expires_in=28800", "<html></html>",
                "access_token=a&expires_at=2026-01-01T00:00:00Z",
            ], seed: 7
        ) { bytes in
            let status = statuses.randomElement(using: &generator) ?? 200
            let text = String(decoding: bytes.prefix(29), as: UTF8.self)
            let reply = HTTPReply(
                status: status, headers: [("Date", text), ("Retry-After", text)], body: Secret(bytes))
            for format in formats {
                let outcome = RefreshClassification.outcome(
                    of: .success(reply), format, Fixture.context(), secrets: [Secret(secret)], now: Fixture.now)
                names.insert(outcome.name)
                #expect(outcome.failure?.detail.contains(secret) != true)
                _ = try? ExchangeClassification.success(
                    of: .success(reply), format, Fixture.context(), secrets: [Secret(secret)], now: Fixture.now)
            }
        }
        #expect(names.isSuperset(of: ["refreshed", "transient", "grant_rejected", "request_rejected", "malformed"]))
    }
}
