/// How far the sealing anew under the newest key has come.
package struct KeyRotationStatus: Sendable, Equatable {
    package var isRunning = false
    /// The key under which records are sealed anew; nil: nothing was, since the daemon was started.
    package var keyID: String?
    /// Rows that another key had sealed when it began.
    package var total = 0
    package var resealed = 0
    /// Rows that no key at hand opens. They stay as they are, and so does the key they name.
    package var unopened = 0
    /// Why it ended early; nil: it did not.
    package var problem: String?

    package init() {}
}
