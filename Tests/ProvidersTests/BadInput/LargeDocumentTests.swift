import OAuth
import Testing
import ToolAuthCore

@testable import Providers

@Suite("Documents of unusual size")
struct LargeDocumentTests {
    @Test("ten thousand parameters are read, and ten thousand unknown keys told, each once")
    func wide() throws {
        let names = (0..<10_000).map { "k\($0)" }
        let parameters = names.map { "\($0): x" }.joined(separator: ", ")
        let configuration = try load(
            provider: """
                  authorization: {endpoint: "https://a.example/a"}
                  token: {endpoint: "https://a.example/t", parameters: {\(parameters)}}

                """)
        #expect(configuration.token.parameters.count == 10_000)
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", plainProvider + names.map { "  \($0): x\n" }.joined())
        let told = try fixture.problems()
        #expect(told.count == 10_000)
        #expect(told.first == "providers.d/p.yaml:4:3: example.k0: unknown key 'k0'")
    }

    @Test("forty thousand parameters over as many others are merged")
    func wideMerge() throws {
        func parameters(_ range: Range<Int>, _ value: String) -> String {
            range.map { "k\($0): \(value)" }.joined(separator: ", ")
        }
        let own = """
            base:
              authorization: {endpoint: "https://a.example/a"}
              token: {endpoint: "https://a.example/t", parameters: {\(parameters(0..<40_000, "x"))}}
            example:
              extends: base
              token: {parameters: {\(parameters(20_000..<60_000, "y"))}}

            """
        let configuration = try LayeredFixture(own: own).configuration()
        #expect(configuration.token.parameters.count == 60_000)
        #expect(configuration.token.parameters["k19999"] == "x")
        #expect(configuration.token.parameters["k20000"] == "y")
    }

    @Test("merging makes nothing deeper than its documents are")
    func deep() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "{a: ", count: depth) + "x" + String(repeating: "}", count: depth)
        }
        // What stands so deep is unknown at once, and told in one line.
        let told = try LayeredFixture(
            own: "base: {token: \(nested(28))}\nexample: {extends: base, token: \(nested(29))}\n", tool: ""
        ).fixture.problems()
        #expect(told.contains("providers.d/p.yaml:2:34: example.token.a: unknown key 'a'"), "\(told)")
        let tooDeep = try LayeredFixture(own: "base: {token: \(nested(31))}\n", tool: "").fixture.problems()
        #expect(tooDeep.count == 1)
        #expect(tooDeep.first?.hasSuffix("nested more than 32 levels deep") == true)
    }

    @Test("a broken file of a catalogue breaks only what it seems to define")
    func brokenFile() throws {
        let layered = LayeredFixture(own: plainProvider)
        layered.fixture.write("providers.d/bad.yaml", Array("bad:\n  title: ".utf8) + [0xff, 0x0a])
        layered.fixture.write("providers.d/bomb.yaml", "bomb: &a [*a, *a]\n")
        let loaded = try layered.fixture.load()
        #expect(loaded.tools.map(\.id.rawValue) == ["tool"])
        #expect(
            loaded.problems.map { layered.fixture.told($0.description) }.first == "providers.d/bad.yaml:2:10: not UTF-8"
        )
        #expect(loaded.providers.filter { $0.problem != nil }.map(\.name) == ["bad", "bomb"])
    }
}
