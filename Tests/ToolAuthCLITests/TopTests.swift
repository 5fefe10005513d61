import Testing

@testable import ToolAuthCLI

@Suite("The screen of top")
struct TopTests {
    @Test(
        "has a line for each row, whatever there is to show",
        arguments: [
            (1, ["hint"]), (2, ["…", "hint"]), (3, ["a", "…", "hint"]), (4, ["a", "b", "c", "hint"]),
            (5, ["a", "b", "c", "", "hint"]),
        ])
    func page(height: Int, expected: [String]) {
        #expect(TopCommand.page(["a", "b", "c"], more: "…", hint: "hint", height: height) == expected)
    }
}
