import Glibc
import OAuth
import TestSupport
import Testing
import ToolAuthCore

@testable import Providers

@Suite("Loading a configuration directory")
struct LoadingTests {
    private func tool(_ name: String, provider: String = "example") -> String {
        "\(name): {provider: \(provider), client_id: c, redirect_uris: [\"https://a.example/\"]}\n"
    }

    @Test("finds nothing where there is nothing")
    func nothing() throws {
        let loaded = try ConfigurationLoader.load(
            directory: "/nonexistent/toolauthd", catalogue: "/nonexistent/providers.d", secretSource: FixedSecrets())
        #expect(loaded.tools.isEmpty && loaded.unavailable.isEmpty && loaded.problems.isEmpty)
    }

    @Test("takes several tools from a file, in the order of their ids")
    func several() throws {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", plainProvider)
        fixture.write("tools.d/b.yaml", tool("b") + tool("z"))
        fixture.write("tools.d/a.yaml", tool("c"))
        let loaded = try fixture.load()
        #expect(loaded.tools.map(\.id.rawValue) == ["b", "c", "z"])
        let first = try #require(loaded.tools.first)
        #expect(first.title == "b")
        #expect(first.provider == "example")
        #expect(first.endpoint == EndpointID(tokenEndpoint: "https://auth.example.com/token", clientID: "c"))
        #expect(first.tokenOrigin == "https://auth.example.com:443")
    }

    @Test("reads files that end in .yaml, neither hidden ones nor what editors leave")
    func names() throws {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", plainProvider)
        for name in [
            ".hidden.yaml", ".#lock.yaml", "#auto.yaml#", "#x.yaml", "a.yaml~", "a.yaml.example", "a.yml", "a.yaml.bak",
            ".yaml", "README",
        ] {
            fixture.write("tools.d/\(name)", tool("unwanted"))
        }
        fixture.write("tools.d/a.yaml", tool("wanted"))
        let loaded = try fixture.load()
        #expect(loaded.tools.map(\.id.rawValue) == ["wanted"])
        #expect(loaded.problems.isEmpty)
    }

    @Test("reads files in the order of their bytes")
    func order() throws {
        let directory = try TemporaryDirectory()
        for name in ["b.yaml", "a.yaml", "B.yaml", "10.yaml", "9.yaml", "é.yaml", "z.yaml"] {
            try directory.write("", to: name)
        }
        #expect(
            try DirectoryScan.documents(in: directory.path) == [
                "10.yaml", "9.yaml", "B.yaml", "a.yaml", "b.yaml", "z.yaml", "é.yaml",
            ])
    }

    @Test("makes tools of a bad file unavailable, and no others")
    func isolation() throws {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", plainProvider)
        fixture.write("tools.d/a.yaml", tool("good"))
        fixture.write("tools.d/b.yaml", "bad: {provider: example}\n" + tool("beside"))
        fixture.write("tools.d/c.yaml", "one: {\ntwo:\n  x: 1\n")
        fixture.write("tools.d/d.yaml", "- a\n")
        fixture.write("tools.d/e.yaml", "\u{1}")
        let loaded = try fixture.load()
        #expect(loaded.tools.map(\.id.rawValue) == ["beside", "good"])
        #expect(loaded.unavailable.map { $0.toolID?.rawValue ?? "?" } == ["bad", "one", "two", "?", "?"])
        #expect(
            loaded.unavailable.map { fixture.told($0.reason) } == [
                "tools.d/b.yaml:1:1: bad.client_id: 'client_id' is missing (and 1 more)",
                "tools.d/c.yaml:3:4: not YAML: did not find expected ',' or '}' while parsing a flow mapping that began in line 1",
                "tools.d/c.yaml:3:4: not YAML: did not find expected ',' or '}' while parsing a flow mapping that began in line 1",
                "tools.d/d.yaml:1:1: a file of documents is a map of names, not a list",
                "tools.d/e.yaml:1:1: not text: control characters are not allowed",
            ])
    }

    @Test("uses neither of two tools of one name, and names both places")
    func duplicateTools() throws {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", plainProvider)
        fixture.write("tools.d/a.yaml", tool("x") + tool("y"))
        fixture.write("tools.d/b.yaml", "# below\n" + tool("x"))
        let loaded = try fixture.load()
        #expect(loaded.tools.map(\.id.rawValue) == ["y"])
        #expect(loaded.unavailable.map(\.toolID) == [ToolID("x")])
        #expect(
            loaded.unavailable.map { fixture.told($0.reason) } == [
                "tools.d/b.yaml:2:1: x: tool 'x' is defined twice, first at tools.d/a.yaml:1:1"
            ])
    }

    @Test("counts a tool in a broken file as defined")
    func duplicateOfBroken() throws {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", plainProvider)
        fixture.write("tools.d/a.yaml", "x: {\n")
        fixture.write("tools.d/b.yaml", tool("x"))
        let loaded = try fixture.load()
        #expect(loaded.tools.isEmpty)
        #expect(loaded.unavailable.map(\.toolID) == [ToolID("x")])
    }

    @Test("uses neither of two providers of one name")
    func duplicateProviders() throws {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/a.yaml", plainProvider)
        fixture.write("providers.d/b.yaml", plainProvider)
        fixture.write("tools.d/t.yaml", tool("x"))
        let loaded = try fixture.load()
        #expect(loaded.tools.isEmpty)
        let cause =
            "providers.d/b.yaml:1:1: example: provider 'example' is defined twice, first at providers.d/a.yaml:1:1"
        #expect(
            loaded.problems.map { fixture.told($0.description) } == [
                cause, "tools.d/t.yaml:1:15: x.provider: provider 'example' cannot be used: \(cause)",
            ])
        #expect(loaded.unavailable.first?.provider == "example")
    }

    @Test("puts the administrator's provider in the place of the one shipped, whole")
    func replacement() throws {
        let shipped = try TemporaryDirectory()
        try shipped.write(
            plainProvider.replacing("/token\"", with: "/token\", body: json") + "other: {issuer: x}\n",
            to: "example.yaml")
        var fixture = ConfigurationFixture()
        fixture.catalogue = shipped.path
        fixture.write("tools.d/t.yaml", tool("x"))
        #expect(try fixture.load().tools.first?.oauth2.token.body == .json)
        fixture.write("providers.d/mine.yaml", plainProvider.replacing("auth.example.com", with: "mine.example.com"))
        let tool = try #require(try fixture.load().tools.first)
        #expect(tool.oauth2.token == TokenEndpoint(url: "https://mine.example.com/token"))
    }

    @Test(
        "never falls back to the provider shipped where the administrator's is broken",
        arguments: ["example: {\n", "example: {titel: x}\n"])
    func brokenReplacement(text: String) throws {
        let shipped = try TemporaryDirectory()
        try shipped.write(plainProvider, to: "example.yaml")
        var fixture = ConfigurationFixture()
        fixture.catalogue = shipped.path
        fixture.write("providers.d/mine.yaml", text)
        fixture.write("tools.d/t.yaml", tool("x"))
        let loaded = try fixture.load()
        #expect(loaded.tools.isEmpty)
        #expect(
            loaded.unavailable.first?.reason.contains(
                "provider 'example' cannot be used: \(fixture.directory.path)/providers.d/mine.yaml:") == true)
    }

    @Test("tells a directory that is none")
    func notADirectory() throws {
        let fixture = ConfigurationFixture()
        fixture.write("tools.d", "")
        #expect(try fixture.problems() == ["tools.d:1:1: cannot be read: Not a directory"])
    }

    @Test("tells a file that is none, longer than 1 MiB, or gone behind a link")
    func files() throws {
        let fixture = ConfigurationFixture()
        try fixture.directory.makeDirectory("tools.d")
        try fixture.directory.makeDirectory("tools.d/a.yaml")
        fixture.write("tools.d/b.yaml", String(repeating: "#", count: 1 << 20))
        fixture.write("tools.d/c.yaml", String(repeating: "#", count: (1 << 20) + 1))
        #expect(symlink("/nonexistent", "\(fixture.directory.path)/tools.d/d.yaml") == 0)
        let loaded = try fixture.load()
        #expect(
            loaded.problems.map { fixture.told($0.description) } == [
                "tools.d/a.yaml:1:1: is not a regular file", "tools.d/c.yaml:1:1: is longer than 1048576 bytes",
                "tools.d/d.yaml:1:1: cannot be read: No such file or directory",
            ])
        #expect(loaded.unavailable.map(\.toolID) == [nil, nil, nil])
    }

    @Test("tells a file that may not be read", .enabled(if: geteuid() != 0))
    func unreadable() throws {
        let fixture = ConfigurationFixture()
        fixture.write("tools.d/a.yaml", "", mode: 0)
        #expect(try fixture.problems() == ["tools.d/a.yaml:1:1: cannot be read: Permission denied"])
    }

    @Test("follows a link to a file")
    func link() throws {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", plainProvider)
        fixture.write("elsewhere", tool("x"))
        try fixture.directory.makeDirectory("tools.d")
        #expect(symlink("../elsewhere", "\(fixture.directory.path)/tools.d/x.yaml") == 0)
        #expect(try fixture.load().tools.count == 1)
    }

    @Test("loads 2,000 tools")
    func many() throws {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", plainProvider)
        for index in 0..<2000 { fixture.write("tools.d/\(index).yaml", tool("tool-\(index)")) }
        let loaded = try fixture.load()
        #expect(loaded.tools.count == 2000)
        #expect(loaded.problems.isEmpty)
    }

    @Test(
        "looks for the catalogue where it was told, else beside the program, else where packages put it",
        arguments: [
            ("/opt/p", ["TOOLAUTHD_CATALOGUE": "/env"], "/usr/bin/toolauthd", ["/opt/p"]),
            (nil, ["TOOLAUTHD_CATALOGUE": "/env"], "/usr/bin/toolauthd", ["/env"]),
            (nil, ["TOOLAUTHD_CATALOGUE": ""], "/usr/bin/toolauthd", ["/usr/share/toolauthd/providers.d"]),
            (
                nil, [:], "/opt/toolauthd/bin/toolauthd",
                ["/opt/toolauthd/share/toolauthd/providers.d", "/usr/share/toolauthd/providers.d"]
            ),
            (nil, [:], "/toolauthd", ["/share/toolauthd/providers.d", "/usr/share/toolauthd/providers.d"]),
            (nil, [:], nil, ["/usr/share/toolauthd/providers.d"]),
        ] as [(String?, [String: String], String?, [String])])
    func catalogue(option: String?, environment: [String: String], executable: String?, candidates: [String]) {
        #expect(
            CatalogueLocation.candidates(option: option, environment: environment, executablePath: executable)
                == candidates)
    }

    @Test("takes the first candidate that is a directory")
    func firstCandidate() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "file")
        try directory.makeDirectory("there")
        let candidates = ["none", "file", "there"].map { "\(directory.path)/\($0)" }
        #expect(CatalogueLocation.first(of: candidates) == candidates[2])
        #expect(CatalogueLocation.first(of: Array(candidates.prefix(2))) == nil)
    }
}
