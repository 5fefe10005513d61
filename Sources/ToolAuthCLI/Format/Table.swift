/// Rows in aligned columns, no wider than the terminal.
struct Table {
    enum Alignment { case left, right }

    struct Column {
        var title: String
        var alignment: Alignment
        /// The least width it may be cut down to where the terminal is narrow; nil: it is never cut.
        var least: Int?

        /// - Parameter title: from anywhere; made safe here. A table without any has no header.
        init(_ title: String, _ alignment: Alignment = .left, least: Int? = nil) {
            self.title = terminalSafe(title)
            self.alignment = alignment
            self.least = least
        }
    }

    struct Cell {
        var text: String
        var style: Style

        /// - Parameter text: from anywhere; made safe here.
        init(_ text: String, _ style: Style = .plain) {
            self.text = terminalSafe(text)
            self.style = style
        }
    }

    private static let gap = 2

    let columns: [Column]
    var rows: [[Cell]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row with one cell for each column.
    mutating func add(_ cells: Cell...) {
        rows.append(cells)
    }

    /// The lines, header first. A column without any text in its cells is left out.
    ///
    /// - Parameter width: of the terminal; nil: there is none, and nothing is cut.
    func lines(width: Int?, painter: Painter) -> [String] {
        let shown = columns.indices.filter { column in rows.contains { !$0[column].text.isEmpty } }
        let widths = fitted(shown, to: width)
        let header = shown.map { Cell(columns[$0].title, .dim) }
        let headers = header.allSatisfy(\.text.isEmpty) ? [] : [header]
        return (headers + rows.map { row in shown.map { row[$0] } }).map { cells in
            line(cells, shown, widths, painter)
        }
    }

    /// The natural widths, the widest column that may be cut taking each step until all fit or none can be cut further.
    private func fitted(_ shown: [Int], to width: Int?) -> [Int] {
        var widths = shown.map { column in
            rows.reduce(displayWidth(columns[column].title)) { max($0, displayWidth($1[column].text)) }
        }
        guard let width else { return widths }
        var excess = widths.reduce(0, +) + Self.gap * (widths.count - 1) - width
        while excess > 0 {
            let candidates = widths.indices.filter { widths[$0] > columns[shown[$0]].least ?? .max }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func line(_ cells: [Cell], _ shown: [Int], _ widths: [Int], _ painter: Painter) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let text = truncated(cell.text, to: widths[index])
            let padding = String(repeating: " ", count: max(0, widths[index] - displayWidth(text)))
            let gap = index == 0 ? "" : String(repeating: " ", count: Self.gap)
            let isLast = index == cells.count - 1
            switch columns[shown[index]].alignment {
            case .left: line += gap + painter(text, cell.style) + (isLast ? "" : padding)
            case .right: line += gap + padding + painter(text, cell.style)
            }
        }
        while line.hasSuffix(" ") { line.removeLast() }
        return line
    }
}
