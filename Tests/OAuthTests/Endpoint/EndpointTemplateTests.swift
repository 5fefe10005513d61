import OAuth
import Testing

/// Values and rules as most of these tests have them.
private let values = [
    "connection.shop": "acme", "connection.path": "a b/c?d#e", "connection.query": "a&b=c", "connection.port": "8443",
    "connection.any": "x.example", "client_id": "client-1",
]

private let parameters = [
    ConnectionParameter(name: "shop", pattern: "[a-z]+"), ConnectionParameter(name: "path"),
    ConnectionParameter(name: "query"), ConnectionParameter(name: "port", pattern: "[0-9]+"),
    ConnectionParameter(name: "any"), ConnectionParameter(name: "absent", pattern: ".*"),
]

private func expand(_ text: String, _ given: [String: String] = values) throws -> String {
    try EndpointTemplate(try Template(text)).expand({ given[$0] }, parameters).text
}

@Suite("A template of an endpoint")
struct EndpointTemplateTests {
    @Test(
        "is filled for the place a value stands in: as it is in the host, percent-encoded behind it",
        arguments: [
            ("https://a.example/t", "https://a.example/t"),
            ("https://${connection.shop}.a.example/t", "https://acme.a.example/t"),
            ("https://a.example:${connection.port}/t", "https://a.example:8443/t"),
            ("https://a.example/${connection.path}/t", "https://a.example/a%20b%2Fc%3Fd%23e/t"),
            ("https://a.example?q=${connection.query}", "https://a.example?q=a%26b%3Dc"),
            ("https://a.example/${client_id}", "https://a.example/client-1"),
            (
                "https://${connection.shop}.a.example:${connection.port}/${connection.path}?q=${connection.query}",
                "https://acme.a.example:8443/a%20b%2Fc%3Fd%23e?q=a%26b%3Dc"
            ),
        ])
    func expanded(template: String, url: String) throws {
        #expect(try expand(template) == url)
    }

    @Test(
        "names the first place without a value",
        arguments: [
            ("https://a.example/${connection.nothing}", "connection.nothing"),
            ("https://a.example/${metadata.team}/${metadata.user}", "metadata.team"),
            ("https://${connection.absent}/${connection.shop}", "connection.absent"),
        ])
    func missing(template: String, name: String) {
        let error = #expect(throws: UnfitEndpoint.self) { try expand(template) }
        #expect(error?.detail == "needs ${\(name)}, which has no value")
    }

    @Test(
        "lets no value into its host that nothing bounds, or that does not fit what bounds it",
        arguments: [
            ("https://${connection.any}/t", "nothing says which values are allowed"),
            ("https://a.example:${connection.any}/t", "nothing says which values are allowed"),
            ("${connection.any}/t", "nothing says which values are allowed"),
            ("https://${client_id}.a.example/t", "nothing says which values are allowed"),
            ("https://${connection.unknown}/t", "nothing says which values are allowed"),
            ("https://${connection.shop}/t", "does not match the pattern of 'shop', [a-z]+"),
        ])
    func unbounded(template: String, reason: String) {
        var given = values
        given["connection.unknown"] = "evil.example"
        given["connection.shop"] = "evil.example"
        let error = #expect(throws: UnfitEndpoint.self) { try expand(template, given) }
        #expect(error?.detail.hasSuffix(reason) == true, "\(String(describing: error))")
    }

    @Test("takes no dot segment behind its host, from whomever", arguments: [".", ".."])
    func dotSegments(value: String) throws {
        for name in ["metadata.team", "connection.path", "client_id"] {
            let error = #expect(throws: UnfitEndpoint.self) {
                try expand("https://a.example/tenants/${\(name)}/t", [name: value])
            }
            #expect(error?.detail == "may not have '\(value)' for ${\(name)}: that would be another path")
        }
        // Encoded, they are no dots any more; and more of them are a name.
        #expect(try expand("https://a.example/${metadata.x}/t", ["metadata.x": "%2e"]) == "https://a.example/%252e/t")
        #expect(try expand("https://a.example/${metadata.x}/t", ["metadata.x": "..."]) == "https://a.example/.../t")
    }

    @Test(
        "is filled as far as there are values, and filled further later",
        arguments: [
            (
                "https://${connection.shop}.a.example/${metadata.team}",
                "https://acme.a.example/${metadata.team}"
            ),
            ("https://${metadata.host}/${connection.path}", "https://${metadata.host}/a%20b%2Fc%3Fd%23e"),
            ("${metadata.host}/${connection.path}", "${metadata.host}/a%20b%2Fc%3Fd%23e"),
        ])
    func filled(template: String, text: String) throws {
        let filled = try EndpointTemplate(try Template(template)).filling({ values[$0] }, parameters)
        #expect(filled.text == text)
    }

    @Test("filled and then expanded is the same as expanded at once")
    func twice() throws {
        let template = EndpointTemplate("https://${connection.shop}.a.example/${connection.path}")
        let half = try template.filling({ $0 == "connection.path" ? values[$0] : nil }, parameters)
        #expect(try half.expand({ values[$0] }, parameters) == template.expand({ values[$0] }, parameters))
    }

    @Test(
        "has an origin where no place can change it",
        arguments: [
            ("https://a.example/t", "https://a.example:443"), ("https://A.example:8443/t", "https://a.example:8443"),
            ("https://a.example/${connection.shop}", "https://a.example:443"),
            ("https://a.example?x=${metadata.y}", "https://a.example:443"), ("https://${connection.shop}/t", nil),
            ("https://a.example:${connection.port}/t", nil), ("${connection.shop}/t", nil), ("nonsense", nil),
        ] as [(String, String?)])
    func origin(template: String, origin: String?) throws {
        #expect(EndpointTemplate(try Template(template)).origin == origin)
    }
}

@Suite("The address of an endpoint")
struct EndpointAddressTests {
    private func resolve(
        _ candidates: [EndpointTemplate], _ given: [String: String] = values, discovered: String? = nil
    ) throws -> String {
        try EndpointAddress(candidates).resolve({ given[$0] }, parameters, discovered: discovered).text
    }

    @Test("is at the first template whose places all have values")
    func first() throws {
        let candidates: [EndpointTemplate] = [
            "https://a.example/${metadata.x}", "https://${connection.shop}.a.example/t", "https://c.example/t",
        ]
        #expect(try resolve(candidates) == "https://acme.a.example/t")
        #expect(try resolve(candidates, ["metadata.x": "1"]) == "https://a.example/1")
        #expect(try resolve(candidates, [:]) == "https://c.example/t")
    }

    @Test("of which none has all it needs, tells what the last one misses")
    func none() {
        let error = #expect(throws: UnfitEndpoint.self) {
            try resolve(["https://a.example/${metadata.x}", "https://a.example/${metadata.y}"])
        }
        #expect(error?.detail == "needs ${metadata.y}, which has no value")
    }

    @Test("does not pass over a value that may not stand where it would")
    func unfit() {
        var given = values
        given["connection.shop"] = "EVIL"
        let candidates: [EndpointTemplate] = ["https://${connection.shop}.a.example/t", "https://c.example/t"]
        #expect(throws: UnfitEndpoint.self) { try resolve(candidates, given) }
    }

    @Test("that is discovered is where the metadata says, and nowhere without it")
    func discovered() throws {
        #expect(try resolve([], discovered: "https://d.example/t") == "https://d.example/t")
        let error = #expect(throws: UnfitEndpoint.self) { try resolve([]) }
        #expect(error?.detail == "is not in the issuer's metadata")
        #expect(throws: UnfitEndpoint.self) { try resolve([], discovered: "javascript:alert(1)") }
    }

    @Test("that a document names is never where the metadata says")
    func explicit() throws {
        #expect(try resolve(["https://a.example/t"], discovered: "https://d.example/t") == "https://a.example/t")
    }

    @Test(
        "has an origin where all its templates have the same",
        arguments: [
            (["https://a.example/1", "https://a.example/${metadata.x}"], "https://a.example:443"),
            (["https://a.example/1", "https://b.example/1"], nil), (["https://${connection.shop}/1"], nil), ([], nil),
        ] as [([String], String?)])
    func origin(templates: [String], origin: String?) throws {
        let candidates = try templates.map { EndpointTemplate(try Template($0)) }
        #expect(EndpointAddress(candidates).origin == origin)
    }

    @Test("is filled in all its templates")
    func filling() throws {
        let address = EndpointAddress(["https://${connection.shop}.a.example/", "https://a.example/${connection.path}"])
        let filled = try address.filling({ values[$0] }, parameters)
        #expect(filled.text == "https://acme.a.example/, https://a.example/a%20b%2Fc%3Fd%23e")
        #expect(EndpointAddress.discovered.text == nil)
    }
}
