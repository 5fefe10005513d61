/// Why a command did not do its work, other than the daemon's refusal.
struct CommandFailure: Error, Equatable {
    let status: ExitStatus
    /// One sentence: what is wrong and what to do; not yet made safe for a terminal.
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}
