/// `toolauthd.yaml` cannot be used: the daemon does not start (78).
package struct ConfigurationError: Error, Sendable, Equatable {
    /// All that is wrong with it, in the order of the file; never empty.
    package let problems: [ConfigurationProblem]

    package init(problems: [ConfigurationProblem]) {
        self.problems = problems
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// One problem a line.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
