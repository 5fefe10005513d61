/// One thing wrong with a configuration file: where, which key, and in one sentence what and what to do.
///
/// Never holds the value of a secret.
package struct ConfigurationProblem: Error, Sendable, Hashable {
    package enum Severity: String, Sendable {
        /// What the file describes cannot be used.
        case error
        /// It is used, but somebody should look.
        case warning
    }

    package var severity: Severity
    package var position: SourcePosition
    /// Dotted path from the top of the document, such as `gmail.client_id`; empty: the file as a whole.
    package var key: String
    package var message: String

    package init(_ severity: Severity = .error, at position: SourcePosition, key: String, _ message: String) {
        self.severity = severity
        self.position = position
        self.key = key
        self.message = message
    }
}

extension ConfigurationProblem: CustomStringConvertible {
    /// `FILE:LINE:COLUMN: KEY: sentence`.
    package var description: String {
        key.isEmpty ? "\(position): \(message)" : "\(position): \(key): \(message)"
    }
}
