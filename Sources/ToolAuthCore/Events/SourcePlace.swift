/// Where in the sources something was told, for `CODE_FILE`, `CODE_FUNC` and `CODE_LINE` of the journal.
package struct SourcePlace: Sendable, Equatable {
    /// As `#fileID`: module and file.
    package let file: String
    package let function: String
    package let line: UInt

    package init(_ file: String, _ function: String, _ line: UInt) {
        self.file = file
        self.function = function
        self.line = line
    }
}
