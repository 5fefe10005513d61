import ArgumentParser
import SocketAPI
import ToolAuthClient

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "List the master keys, take a new one, and retire old ones.",
        discussion: """
            The newest master key seals what is stored; the others open what they sealed. To replace a key:

              toolauthctl keys add
              toolauthctl keys rotate
              toolauthctl keys retire KEY

            Nothing stops meanwhile. Keys are shown by name, and never themselves.
            """,
        subcommands: [List.self, Add.self, Rotate.self, Retire.self], defaultSubcommand: List.self)

    struct List: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys, and how many records each has sealed.")

        @OptionGroup var common: CommonOptions

        func run(in session: Session) async throws {
            session.show(try await session.client.answer(to: .keys())) { keys in
                session.table(keysTable(keys))
                session.line("")
                for line in keyLines(keys) { session.line(line) }
            }
        }
    }

    struct Add: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a new key, with which is sealed from now on.",
            discussion: """
                It is written to the key file, and used at once. What older keys have sealed stays so until toolauthctl \
                keys rotate. Back the key file up again: the copy you have lacks the new key.

                Keys that come as a credential of the unit are changed by you: docs/keys.md shows how.
                """)

        @OptionGroup var common: CommonOptions

        func run(in session: Session) async throws {
            session.show(try await session.client.answer(to: .addKey())) { key in
                session.line(
                    "Added: \(terminalSafe(key.keyID)), with which is sealed from now on. Back the key file up.")
                session.line("To seal with it what older keys have sealed: toolauthctl keys rotate")
            }
        }
    }

    struct Retire: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a key away that no record needs any more.",
            discussion: """
                Refused while the key is the newest, or has sealed anything that is still there.

                A backup made before needs the key on, and does not open without it. So its line is not destroyed: it goes \
                into the file beside the key file whose name ends in .retired. Keep that with the backups, and destroy \
                both together.
                """)

        @Argument(help: "The name of the key.")
        var key: String

        @OptionGroup var common: CommonOptions

        func run(in session: Session) async throws {
            guard !key.isEmpty else { throw CommandFailure(.usage, "name the key: toolauthctl keys lists them") }
            session.show(try await session.client.answer(to: .retireKey(key))) { retired in
                for line in retiredKeyLines(retired) { session.line(line) }
            }
        }
    }
}
