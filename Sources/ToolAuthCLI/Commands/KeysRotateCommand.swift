import ArgumentParser
import SocketAPI
import ToolAuthClient

extension KeysCommand {
    struct Rotate: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seal all records with the newest key.",
            discussion: """
                The daemon does it in the background, while tokens are read and refreshed; the command waits for the end. \
                To interrupt it, or the daemon, does no harm: the daemon goes on by itself, and the command again says how \
                far it is.
                """)

        /// How long the daemon is left alone between two questions.
        private static let pause: Duration = .milliseconds(200)

        @OptionGroup var common: CommonOptions

        func run(in session: Session) async throws {
            var answer = try await session.client.answer(to: .rotateKeys())
            defer { session.showProgress(nil) }
            while answer.value.running {
                session.showProgress(progressLine(answer.value))
                try await session.context.sleep(Self.pause)
                answer = try await session.client.answer(to: .keyRotation())
            }
            session.showProgress(nil)
            if let problem = answer.value.problem {
                throw CommandFailure(
                    .transient, "\(problem) What is sealed anew stays so; to go on: toolauthctl keys rotate")
            }
            session.show(answer) { rotation in
                for line in rotationLines(rotation) { session.line(line) }
            }
        }
    }
}
