/// A place in a configuration file, as editors count: line and column from 1, a column being one Unicode scalar.
package struct SourcePosition: Sendable, Hashable {
    /// The path as it was opened.
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int = 1, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }
}

extension SourcePosition: CustomStringConvertible {
    package var description: String { "\(file):\(line):\(column)" }
}

/// A value with the place it was read from, for errors that are found later.
struct Located<Value: Sendable>: Sendable {
    var value: Value
    var position: SourcePosition
    /// Dotted path from the top of the document, such as `gmail.refresh.ahead`.
    var key: String

    func map<Other: Sendable>(_ transform: (Value) -> Other) -> Located<Other> {
        Located<Other>(value: transform(value), position: position, key: key)
    }
}
