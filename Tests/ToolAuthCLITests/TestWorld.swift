import ToolAuthCore

@testable import ToolAuthCLI

/// A world for one run of the program: what it reads is given, what it writes is kept, time stands still unless it
/// sleeps.
final class TestWorld: Sendable {
    struct State {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var input: [UInt8] = []
        var now = TestWorld.start
        var sleeps: [Duration] = []
    }

    static let start = Timestamp(millisecondsSinceEpoch: 1_700_000_000_000)

    let state = Locked(State())
    let socket: String
    let isTerminal: Bool
    let environment: [String: String]
    let loginName: String?

    init(
        socket: String = "/nonexistent/api.sock", isTerminal: Bool = false, input: String = "",
        environment: [String: String] = [:], loginName: String? = "alice"
    ) {
        self.socket = socket
        self.isTerminal = isTerminal
        self.environment = environment
        self.loginName = loginName
        state.withLock { $0.input = Array(input.utf8) }
    }

    var output: String { state.withLock { String(decoding: $0.output, as: UTF8.self) } }
    var errors: String { state.withLock { String(decoding: $0.errors, as: UTF8.self) } }
    var sleeps: [Duration] { state.withLock { $0.sleeps } }

    /// Runs `toolauthctl` with `arguments`; returns the exit status.
    func run(_ arguments: String...) async -> Int32 {
        await Program.run(arguments, in: context)
    }

    var context: CommandContext {
        let variables = environment.merging(["TOOLAUTH_SOCKET": socket]) { given, _ in given }
        let name = loginName
        return CommandContext(
            output: Console(isTerminal: isTerminal, usesColor: isTerminal, width: isTerminal ? 80 : nil) { bytes in
                self.state.withLock { $0.output += bytes }
            },
            errors: Console(isTerminal: isTerminal, usesColor: isTerminal, width: isTerminal ? 80 : nil) { bytes in
                self.state.withLock { $0.errors += bytes }
            },
            input: StandardInput(isTerminal: isTerminal) { most in
                self.state.withLock { state in
                    defer { state.input.removeFirst(min(most, state.input.count)) }
                    return Array(state.input.prefix(most))
                }
            },
            environment: { variables[$0] }, loginName: { name }, clock: TestClock(world: self),
            sleep: { duration in
                self.state.withLock { state in
                    state.sleeps.append(duration)
                    state.now = state.now + duration
                }
            })
    }
}

private struct TestClock: WallClock {
    let world: TestWorld
    var now: Timestamp { world.state.withLock { $0.now } }
}

/// An instant so far from the start of a test, as the API writes it.
func time(_ seconds: Int64) -> String {
    (TestWorld.start + .seconds(seconds)).description
}

/// The JSON of a record.
func record(_ tool: String = "gmail", _ user: String = "alice", _ status: String = "healthy", _ more: String = "")
    -> String
{
    """
    {"tool_id":"\(tool)","user_id":"\(user)","status":"\(status)","token_type":"Bearer","scope":"a b",\
    "expires_at":"\(time(3599))","refresh_at":"\(time(2700))","consecutive_failures":0,"generation":7,\
    "created_at":"\(time(-86400 * 3))","updated_at":"\(time(0))","metadata":{"instance_url":"https://i"}\(more)}
    """
}
