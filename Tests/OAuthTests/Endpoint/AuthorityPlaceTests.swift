import OAuth
import Testing

@Suite("What a callback or a reply puts into a host")
struct MetadataHostTests {
    private let parameters = [
        ConnectionParameter(name: "server", hosts: ["accounts.zoho.com", "accounts.zoho.eu"]),
        ConnectionParameter(name: "loose", pattern: ".*"),
    ]

    private func url(_ template: EndpointTemplate, _ value: String) throws -> String {
        try template.expand({ $0.hasPrefix("metadata.") ? value : nil }, parameters).text
    }

    @Test(
        "is one of the hosts listed for it, itself or as an https origin",
        arguments: [
            ("accounts.zoho.eu", "accounts.zoho.eu"), ("ACCOUNTS.ZOHO.COM", "accounts.zoho.com"),
            ("https://accounts.zoho.eu", "accounts.zoho.eu"), ("https://accounts.zoho.eu/", "accounts.zoho.eu"),
            ("https://accounts.zoho.eu:443", "accounts.zoho.eu"), ("HTTPS://Accounts.Zoho.EU", "accounts.zoho.eu"),
        ])
    func allowed(value: String, host: String) throws {
        #expect(try url("https://${metadata.server}/t", value) == "https://\(host)/t")
        #expect(try url("${metadata.server}/t", value) == "https://\(host)/t")
    }

    static let others = [
        "", " ", "evil.example", "https://evil.example", "http://accounts.zoho.com", "ftp://accounts.zoho.com",
        "//accounts.zoho.com", "accounts.zoho.com/", "accounts.zoho.com/../", "https://accounts.zoho.com/path",
        "https://accounts.zoho.com?x", "https://accounts.zoho.com#x", "https://accounts.zoho.com:8443",
        "accounts.zoho.com:443", "accounts.zoho.com:8443", "https://user@accounts.zoho.com",
        "https://accounts.zoho.com@evil.example", "accounts.zoho.com@evil.example", "accounts.zoho.com.evil.example",
        "accounts.zoho.com.", "evil.accounts.zoho.com", "accounts.zoho.co", "accounts%2ezoho.com",
        "accounts.zoho.com%00", "accounts.zoho.com\0", "accounts.zoho.com\n", "accounts.zoho.com\r\nHost: evil.example",
        "аccounts.zoho.com", "accounts。zoho。com", "accounts.zoho.com\u{200b}", "127.0.0.1", "[::1]", "localhost",
        "${connection.server}", String(repeating: "a", count: 100_000),
    ]

    @Test("is nothing else", arguments: others)
    func refused(value: String) {
        for template: EndpointTemplate in [
            "https://${metadata.server}/t", "${metadata.server}/t", "https://${metadata.server}:443/t",
        ] {
            let error = #expect(throws: UnfitEndpoint.self) { try url(template, value) }
            #expect(error?.detail.contains("none of the hosts allowed for 'server'") == true)
            // It is told to people, so it is short and on one line.
            #expect((error?.detail.utf8.count ?? 0) < 1000)
            #expect(error?.detail.contains { $0.isNewline } == false)
        }
    }

    @Test("is nothing at all where the entry has only a pattern, or there is none")
    func patternAlone() {
        #expect(throws: UnfitEndpoint.self) { try url("https://${metadata.loose}/t", "accounts.zoho.com") }
        #expect(throws: UnfitEndpoint.self) { try url("https://${metadata.unknown}/t", "accounts.zoho.com") }
    }

    @Test("does not matter behind the host: there it is only text")
    func behind() throws {
        #expect(
            try url("https://a.example/${metadata.server}", "https://evil.example")
                == "https://a.example/https%3A%2F%2Fevil.example")
    }
}

@Suite("What a tool or a caller puts into a host")
struct ConnectionHostTests {
    private func url(_ template: EndpointTemplate, _ value: String, pattern: String?, hosts: [String]? = nil) throws
        -> String
    {
        let parameter = ConnectionParameter(name: "x", pattern: pattern, hosts: hosts)
        return try template.expand({ $0 == "connection.x" ? value : nil }, [parameter]).text
    }

    @Test("may be a whole URL at the very beginning, if its pattern allows it")
    func wholeURL() throws {
        #expect(
            try url("${connection.x}/t", "https://git.example:8443/sub", pattern: "https://.*")
                == "https://git.example:8443/sub/t")
        #expect(throws: UnfitEndpoint.self) {
            try url("${connection.x}/t", "https://git.example", pattern: "[a-z.]+")
        }
        #expect(throws: UnfitEndpoint.self) {
            try url("https://${connection.x}/t", "https://git.example", pattern: "https://.*")
        }
    }

    @Test(
        "is letters, digits, hyphens, dots and the colon of a port, however wide the pattern",
        arguments: [
            "evil.example/", "evil.example?", "evil.example#", "a@evil.example", "a\\b", "a%2fb", "é", "a b", "a\tb",
            "a\nb", "a\u{0}b", "[::1]", "а", "a_b", "${x}",
        ])
    func characters(value: String) {
        #expect(throws: UnfitEndpoint.self) { try url("https://${connection.x}.a.example/t", value, pattern: "(?s).*") }
        #expect(throws: UnfitEndpoint.self) { try url("https://a.example:${connection.x}/t", value, pattern: "(?s).*") }
    }

    @Test("cannot put a port before the rest of the host", arguments: ["evil.example:443", "evil.example:", ":"])
    func port(value: String) {
        #expect(throws: UnfitEndpoint.self) { try url("https://${connection.x}.a.example/t", value, pattern: ".*") }
    }

    @Test("is one of the hosts where there is a list, written the same")
    func hosts() throws {
        for template: EndpointTemplate in ["https://${connection.x}/t", "${connection.x}/t"] {
            #expect(try url(template, "a.example", pattern: nil, hosts: ["a.example"]) == "https://a.example/t")
            #expect(
                try url(template, "a.example:8443", pattern: "[a-z.:0-9]+", hosts: ["a.example:8443"])
                    == "https://a.example:8443/t")
        }
        for value in ["A.example", "https://a.example", "b.example"] {
            #expect(throws: UnfitEndpoint.self) {
                try url("https://${connection.x}/t", value, pattern: nil, hosts: ["a.example"])
            }
        }
    }
}

@Suite("The places in a template's host")
struct AuthorityPlacesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let template: String
        var places: [Place] = []
        var testDescription: String { template }
    }

    struct Place: Sendable, Equatable {
        let name: String
        var isFirst = false
        var isBound = false
    }

    @Test(
        "are those before path and query, and are bound where a domain of the document follows",
        arguments: [
            Case(template: "https://a.example/${connection.x}"), Case(template: "https://a.example?${connection.x}"),
            Case(template: "https://a.example"),
            Case(template: "https://${connection.x}/t", places: [Place(name: "connection.x")]),
            Case(template: "https://${metadata.x}/t", places: [Place(name: "metadata.x")]),
            Case(
                template: "https://${connection.x}.a.example/t", places: [Place(name: "connection.x", isBound: true)]),
            Case(template: "https://${connection.x}.example/t", places: [Place(name: "connection.x")]),
            Case(template: "https://${connection.x}a.example/t", places: [Place(name: "connection.x")]),
            Case(template: "https://a.${connection.x}/t", places: [Place(name: "connection.x")]),
            Case(template: "https://a.example:${connection.x}/", places: [Place(name: "connection.x")]),
            Case(template: "${connection.x}/t", places: [Place(name: "connection.x", isFirst: true)]),
            Case(template: "${connection.x}/${connection.y}", places: [Place(name: "connection.x", isFirst: true)]),
            Case(template: "${connection.x}://a.example/t", places: [Place(name: "connection.x", isFirst: true)]),
            Case(
                template: "https://${connection.x}${connection.y}.a.example/t",
                places: [Place(name: "connection.x"), Place(name: "connection.y", isBound: true)]),
            Case(
                template: "https://${connection.x}.a.example:${connection.y}/${connection.z}",
                places: [Place(name: "connection.x", isBound: true), Place(name: "connection.y")]),
            // At the beginning a value may be a URL with a path, which swallows what follows.
            Case(template: "${connection.x}.a.example/t", places: [Place(name: "connection.x", isFirst: true)]),
        ])
    func places(example: Case) throws {
        let places = EndpointTemplate(try Template(example.template)).authorityPlaces
        #expect(places.map { Place(name: $0.name, isFirst: $0.isFirst, isBound: $0.isBound) } == example.places)
    }

    @Test("have the rules of the connection entry of the same name")
    func rules() throws {
        let entry = ConnectionParameter(name: "x", hosts: ["a.example"])
        for template: EndpointTemplate in ["https://${connection.x}/", "https://${metadata.x}/"] {
            #expect(try #require(template.authorityPlaces.first).parameter([entry]) == entry)
        }
        for template: EndpointTemplate in ["https://${connection.y}/", "https://${scope}/"] {
            #expect(try #require(template.authorityPlaces.first).parameter([entry]) == nil)
        }
    }
}
