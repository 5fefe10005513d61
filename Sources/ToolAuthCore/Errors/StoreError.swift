/// Why the store could not do what was asked.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// No such directory, no permission, read-only: what the administrator must mend before a start.
        case notAccessible
        /// Another process owns the state directory.
        case inUse
        /// Not a database, or one whose pages do not add up.
        case corrupt
        /// Written by a newer version.
        case tooNew
        /// The key that seals it is missing, or is not the one it was sealed with.
        case key
        /// The disk is full, or reading or writing failed.
        case io
        /// A fault of ours, such as a statement that does not fit the schema.
        case misuse
    }

    package var code: Code
    /// What is wrong, where, and what to do.
    package var detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package var description: String { detail }
}
