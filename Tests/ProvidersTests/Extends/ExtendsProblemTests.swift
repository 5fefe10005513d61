import Testing
import ToolAuthCore

@testable import Providers

/// - Parameter beside: a second file of the administrator's.
private func problems(
    shipped: String = "", own: String, tool: String = "", beside: String? = nil
) throws -> [String] {
    let layered = LayeredFixture(shipped: shipped, own: own, tool: tool)
    if let beside { layered.fixture.write("providers.d/q.yaml", beside) }
    return try layered.fixture.problems()
}

private let base = plainProvider.replacing("example:", with: "base:")

@Suite("What is wrong with extending")
struct ExtendsProblemTests {
    @Test("an unknown document is told with the nearest name")
    func unknown() throws {
        #expect(
            try problems(own: base + "p: {extends: bass}\nq:\n  title: x\n  extends: zzzzzz\n") == [
                "providers.d/p.yaml:4:14: p.extends: there is no provider 'bass' (did you mean 'base'?)",
                "providers.d/p.yaml:7:12: q.extends: there is no provider 'zzzzzz'",
            ])
    }

    @Test("what is no name is told by the schema")
    func noName() throws {
        let told = try problems(own: "p: {extends: [base]}\n")
        #expect(told.contains("providers.d/p.yaml:1:14: p.extends: takes text, not a list"))
        let empty = try problems(own: "p: {extends: \"\"}\n")
        #expect(empty.contains("providers.d/p.yaml:1:14: p.extends: is empty"))
    }

    @Test("a document without another of its name cannot extend itself")
    func itself() throws {
        #expect(
            try problems(own: "p: {extends: p}\n") == [
                "providers.d/p.yaml:1:14: p.extends: extends itself, and there is no shipped document of that name"
            ])
        #expect(
            try problems(shipped: "p: {extends: p}\n", own: "p: {extends: p}\n") == [
                "shipped/s.yaml:1:14: p.extends: extends itself, and there is no shipped document of that name"
            ])
    }

    @Test("a circle is told where each of its documents closes it")
    func circles() throws {
        #expect(
            try problems(own: "p: {extends: q}\nq: {extends: p}\n") == [
                "providers.d/p.yaml:1:14: p.extends: goes in a circle: q → p → q",
                "providers.d/p.yaml:2:14: q.extends: goes in a circle: p → q → p",
            ])
        #expect(
            try problems(own: "p: {extends: q}\nq: {extends: r}\nr: {extends: p}\n") == [
                "providers.d/p.yaml:1:14: p.extends: goes in a circle: q → r → p → q",
                "providers.d/p.yaml:2:14: q.extends: goes in a circle: r → p → q → r",
                "providers.d/p.yaml:3:14: r.extends: goes in a circle: p → q → r → p",
            ])
    }

    @Test("who only leads into a circle is told too")
    func intoCircle() throws {
        let told = try problems(own: "a: {extends: p}\np: {extends: q}\nq: {extends: p}\n")
        #expect(told.contains("providers.d/p.yaml:3:14: q.extends: goes in a circle: a → p → q → p"), "\(told)")
        #expect(told.count == 3)
    }

    @Test("an administrator's circle over a shipped document is one")
    func layeredCircle() throws {
        let told = try problems(
            shipped: base + "other: {extends: base}\n", own: "base: {extends: other}\n")
        #expect(
            told == [
                "providers.d/p.yaml:1:17: base.extends: goes in a circle: other → base → other",
                "shipped/s.yaml:4:18: other.extends: goes in a circle: base → other → base",
            ])
    }

    @Test("what a broken document is extended by is broken, and tells the cause")
    func brokenBase() throws {
        let told = try problems(
            own: base.replacing("https://auth.example.com/token", with: "nonsense") + "p: {extends: base}\n")
        // What is wrong in the one is wrong in the other, at the same place.
        #expect(
            told == [
                "providers.d/p.yaml:3:21: base.token.endpoint: is not absolute",
                "providers.d/p.yaml:3:21: p.token.endpoint: is not absolute",
            ])
        let unreadable = try problems(shipped: "base: {\n", own: "p: {extends: base}\n")
        #expect(unreadable.count == 2)
        #expect(
            unreadable.first?.hasPrefix("providers.d/p.yaml:1:14: p.extends: provider 'base' cannot be used: ") == true)
        let twice = try problems(own: base + "p: {extends: base}\n", beside: base)
        #expect(twice.contains { $0.hasPrefix("providers.d/p.yaml:4:14: p.extends: provider 'base' cannot be used: ") })
    }

    @Test("each mistake is told where it was written: in the document, or in what it extends")
    func places() throws {
        let shipped = base + "  refresh: {rotation: single_use}\n"
        let own = """
            p:
              extends: base
              token: {boddy: json, parameters: {client_secret: x}}
              refresh: {rotation: allways}

            """
        #expect(
            try problems(shipped: shipped, own: own) == [
                "providers.d/p.yaml:3:11: p.token.boddy: unknown key 'boddy' (did you mean 'body'?)",
                "providers.d/p.yaml:3:37: p.token.parameters.client_secret: 'client_secret' is set by the daemon",
                "providers.d/p.yaml:4:23: p.refresh.rotation: takes none, rotating or single_use, not 'allways'",
            ])
        let below = try problems(
            shipped: base + "  connection: {x: {}}\n",
            own: "p: {extends: base, token: {parameters: {a: \"${connection.y}\"}}}\n"
        )
        #expect(
            below == [
                "providers.d/p.yaml:1:44: p.token.parameters.a: '${connection.y}' names nothing that exists "
                    + "(did you mean 'connection.x'?)"
            ])
        // What the shipped document needs, the own one took away: it is told where it is needed.
        let taken = try problems(
            shipped: "base:\n  connection: {x: {}}\n"
                + "  authorization: {endpoint: \"https://a.example/${connection.x}\"}\n"
                + "  token: {endpoint: \"https://a.example/t\"}\n",
            own: "p: {extends: base, connection: null}\n")
        #expect(
            taken == [
                "shipped/s.yaml:3:29: p.authorization.endpoint: '${connection.x}' names nothing that exists"
            ])
    }

    @Test("a tool's own document tells its mistakes at the tool, and names no circle with itself")
    func inline() throws {
        let tool = """
            tool:
              provider: {extends: bass, token: {body: json}}
              client_id: client
              redirect_uris: ["https://app.example.com/callback"]

            """
        #expect(
            try problems(own: base, tool: tool) == [
                "tools.d/t.yaml:2:23: tool.provider.extends: there is no provider 'bass' (did you mean 'base'?)"
            ])
        let merged = tool.replacing("bass", with: "base").replacing("json", with: "xml")
        #expect(
            try problems(own: base, tool: merged) == [
                "tools.d/t.yaml:2:43: tool.provider.token.body: takes form, json or query, not 'xml'"
            ])
    }

    @Test("a tool of a document that cannot be used is unavailable, and no other")
    func unavailable() throws {
        let layered = LayeredFixture(
            own: base + "p: {extends: q}\nq: {extends: p}\n",
            tool: plainTool.replacing("provider: example", with: "provider: p")
                + plainTool.replacing("tool:", with: "good:").replacing("provider: example", with: "provider: base"))
        let loaded = try layered.fixture.load()
        #expect(loaded.tools.map(\.id.rawValue) == ["good"])
        #expect(loaded.unavailable.map { $0.toolID?.rawValue } == ["tool"])
        #expect(loaded.unavailable.first?.reason.contains("goes in a circle") == true)
    }
}
