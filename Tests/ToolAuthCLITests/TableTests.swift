import Testing

@testable import ToolAuthCLI

@Suite("Tables")
struct TableTests {
    private func example() -> Table {
        var table = Table([.init("NAME", least: 5), .init("N", .right), .init("EMPTY"), .init("NOTE", least: 6)])
        table.add(.init("alice"), .init("7"), .init(""), .init("a rather long note"))
        table.add(.init("山田"), .init("1234", .red), .init(""), .init("", .dim))
        return table
    }

    @Test("columns are aligned, empty ones left out, and no line ends in blanks")
    func plain() {
        #expect(
            example().lines(width: nil, painter: Painter(isEnabled: false)) == [
                "NAME      N  NOTE", "alice     7  a rather long note", "山田   1234",
            ])
    }

    @Test("the widest column that may be cut is cut until the table fits")
    func narrow() {
        let lines = example().lines(width: 23, painter: Painter(isEnabled: false))
        #expect(lines == ["NAME      N  NOTE", "alice     7  a rather …", "山田   1234"])
        #expect(lines.allSatisfy { displayWidth($0) <= 23 })
    }

    @Test("columns are not cut below their least width")
    func veryNarrow() {
        let lines = example().lines(width: 1, painter: Painter(isEnabled: false))
        #expect(lines[1] == "alice     7  a rat…")
    }

    @Test("colours do not count as columns")
    func painted() {
        let lines = example().lines(width: nil, painter: Painter(isEnabled: true))
        #expect(lines[2] == "山田   \u{1b}[31m1234\u{1b}[0m")
    }

    @Test("a cell cannot move the cursor, and neither can a header")
    func hostile() {
        var table = Table([.init("\u{1b}[2J")])
        table.add(.init("\u{1b}]0;x\u{7}"))
        #expect(
            table.lines(width: nil, painter: Painter(isEnabled: true)).allSatisfy {
                !$0.contains("\u{1b}]") && !$0.contains("\u{1b}[2J")
            })
    }

    @Test("a table without titles has no header")
    func untitled() {
        var table = Table([.init(""), .init("")])
        table.add(.init("a"), .init("b"))
        #expect(table.lines(width: nil, painter: Painter(isEnabled: false)) == ["a  b"])
    }
}
