import Glibc
import OAuth
import TestSupport
import Testing
import ToolAuthCore

@testable import Providers

@Suite("Client secrets")
struct SecretTests {
    /// A fixture whose tool has this `client_secret`.
    private func fixture(_ secret: String, inline: Bool = false) -> ConfigurationFixture {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", plainProvider)
        fixture.write("tools.d/t.yaml", plainTool + "  client_secret: \(secret)\n")
        if inline { fixture.write("toolauthd.yaml", "allow_inline_secrets: true\n") }
        return fixture
    }

    private func secrets(_ fixture: ConfigurationFixture) throws -> [String]? {
        try fixture.load().tools.first?.oauth2.clientSecrets.map { $0.reveal() }
    }

    @Test("come from credentials, a list in its order")
    func credentials() throws {
        var one = fixture("{credential: example}")
        #expect(try secrets(one) == ["s3cret"])
        one = fixture("[{credential: new}, {credential: example}]")
        one.secrets.credentials["new"] = "n3w\n"
        #expect(try secrets(one) == ["n3w", "s3cret"])
    }

    @Test("come from files relative to the configuration directory, or absolute")
    func files() throws {
        let one = fixture("{file: secrets/a}")
        one.write("secrets/a", "from a file\n")
        #expect(try secrets(one) == ["from a file"])
        let two = fixture("{file: \(one.directory.path)/secrets/a}")
        #expect(try secrets(two) == ["from a file"])
    }

    @Test(
        "lose one trailing newline and no more",
        arguments: [
            ("a\n", "a"), ("a", "a"), (" a \n", " a "), ("a\n\n", nil), ("a\r\n", nil), ("a\u{0}", nil), ("\n", nil),
            ("", nil),
        ])
    func trailingNewline(content: String, secret: String?) throws {
        let fixture = fixture("{file: s}")
        fixture.write("s", content)
        #expect(try secrets(fixture) == secret.map { [$0] })
    }

    @Test(
        "that cannot be had make the tool unavailable, and say why",
        arguments: [
            (
                "{credential: none}",
                "31: tool.client_secret.credential: there is no credential 'none'; give the unit LoadCredential=none:PATH and restart it"
            ),
            ("{credential: broken}", "31: tool.client_secret.credential: cannot be read: Input/output error"),
            ("{credential: ../x}", "31: tool.client_secret.credential: '../x' is no name of a credential"),
            ("{file: none}", "25: tool.client_secret.file: DIR/none cannot be read: No such file or directory"),
            ("{file: tools.d}", "25: tool.client_secret.file: DIR/tools.d is not a regular file"),
            ("{file: empty}", "25: tool.client_secret.file: the secret is empty"),
            ("{file: long}", "25: tool.client_secret.file: DIR/long is longer than 16384 bytes"),
            (
                "{file: open}",
                "25: tool.client_secret.file: DIR/open can be written by others than its owner (mode 0660); chmod go-w it"
            ),
            ("hunter2", "18: tool.client_secret: a secret in clear is refused; use {credential: …} or {file: …}"),
            (
                "{env: X}",
                "24: tool.client_secret.env: secrets in the environment are refused; use {credential: …} or {file: …}"
            ),
            ("{}", "18: tool.client_secret: takes one of 'credential' and 'file'"),
            ("{credential: a, file: b}", "18: tool.client_secret: takes one of 'credential' and 'file'"),
            ("{vault: a}", "19: tool.client_secret.vault: unknown key 'vault'"),
            (
                "[{credential: example}, hunter2]",
                "42: tool.client_secret[1]: a secret in clear is refused; use {credential: …} or {file: …}"
            ),
        ])
    func refused(secret: String, problem: String) throws {
        var fixture = fixture(secret)
        fixture.secrets.broken = ["broken"]
        fixture.write("empty", "")
        fixture.write("long", String(repeating: "x", count: 16_385))
        fixture.write("open", "x", mode: 0o660)
        let loaded = try fixture.load()
        #expect(loaded.tools.isEmpty)
        #expect(loaded.problems.count == 1)
        let told = try #require(loaded.problems.first).description.replacing(fixture.directory.path, with: "DIR")
        #expect(told == "DIR/tools.d/t.yaml:5:\(problem)")
        #expect(loaded.unavailable.first?.toolID == ToolID("tool"))
        #expect(loaded.unavailable.first?.title == nil)
        #expect(loaded.unavailable.first?.provider == "example")
    }

    @Test("in clear or from the environment need leave in toolauthd.yaml")
    func inline() throws {
        #expect(try secrets(fixture("hunter2", inline: true)) == ["hunter2"])
        var environment = fixture("{env: X}", inline: true)
        environment.secrets.environment = ["X": "from x"]
        #expect(try secrets(environment) == ["from x"])
        #expect(
            try fixture("{env: X}", inline: true).problems() == [
                "tools.d/t.yaml:5:24: tool.client_secret.env: the environment variable 'X' is not set"
            ])
    }

    @Test("never show in a problem", arguments: ["hunter2", "[hunter2]", "{file: s}", "{hunter2: x}x"])
    func neverTold(secret: String) throws {
        let fixture = fixture(secret)
        fixture.write("s", "hunter2\n\n")
        #expect(try fixture.problems().contains { $0.contains("hunter2") && !$0.contains("unknown key") } == false)
    }

    @Test("in a file that everybody may read are a warning")
    func worldReadable() throws {
        let fixture = fixture("{file: s}")
        fixture.write("s", "x", mode: 0o644)
        let loaded = try fixture.load()
        #expect(loaded.tools.count == 1)
        #expect(loaded.problems.map(\.severity) == [.warning])
        #expect(
            loaded.problems.first?.message
                == "\(fixture.directory.path)/s can be read by everybody (mode 0644); chmod o-r it")
    }

    @Test("are not needed for a public client, and not taken where the provider takes none")
    func publicClient() throws {
        let fixture = ConfigurationFixture()
        fixture.write(
            "providers.d/p.yaml", plainProvider.replacing("/token\"", with: "/token\", client_authentication: none"))
        fixture.write("tools.d/a.yaml", plainTool)
        fixture.write(
            "tools.d/b.yaml", plainTool.replacing("tool:", with: "other:") + "  client_secret: {credential: example}\n")
        let loaded = try fixture.load()
        #expect(loaded.tools.map(\.oauth2.clientSecrets.count) == [0])
        #expect(
            loaded.problems.map { fixture.told($0.description) } == [
                "tools.d/b.yaml:5:18: other.client_secret: provider 'example' takes no secret (client_authentication: none)"
            ])
    }

    @Test("a pipe in the place of a secret holds nothing up")
    func pipe() throws {
        let fixture = fixture("{file: pipe}")
        #expect(mkfifo("\(fixture.directory.path)/pipe", 0o600) == 0)
        #expect(try fixture.problems().first?.hasSuffix("pipe is not a regular file") == true)
    }

    @Test("the environment is asked by name")
    func processEnvironment() {
        struct Source: SecretSource {
            func credential(named name: String) throws(SecretFailure) -> Secret? { nil }
        }
        #expect(Source().environmentVariable(named: "TOOLAUTHD_NO_SUCH_VARIABLE") == nil)
        #expect(Source().environmentVariable(named: "PATH")?.isEmpty == false)
    }
}
