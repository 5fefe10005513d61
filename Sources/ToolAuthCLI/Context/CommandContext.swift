import Glibc
import ToolAuthClient
package import ToolAuthCore

/// All that a command sees of the world, so that tests can be the world.
package struct CommandContext: Sendable {
    package var output: Console
    package var errors: Console
    package var input: StandardInput
    /// Looks an environment variable up.
    package var environment: @Sendable (_ name: String) -> String?
    /// The name the person logged in with; nil: he has none.
    package var loginName: @Sendable () -> String?
    package var clock: any WallClock
    /// Waits; throws when the program is told to stop.
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        output: Console, errors: Console, input: StandardInput, environment: @escaping @Sendable (String) -> String?,
        loginName: @escaping @Sendable () -> String?, clock: any WallClock,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.output = output
        self.errors = errors
        self.input = input
        self.environment = environment
        self.loginName = loginName
        self.clock = clock
        self.sleep = sleep
    }

    /// The process's own streams, environment, user and clock.
    package static func process() -> CommandContext {
        StandardStreams.holdPlaces()
        let environment: @Sendable (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
        return CommandContext(
            output: Console(descriptor: STDOUT_FILENO, environment: environment),
            errors: Console(descriptor: STDERR_FILENO, environment: environment),
            input: StandardInput(descriptor: STDIN_FILENO), environment: environment,
            loginName: { SystemAccounts.userName(getuid()) }, clock: SystemWallClock(),
            sleep: { try await Task.sleep(for: $0) })
    }
}
