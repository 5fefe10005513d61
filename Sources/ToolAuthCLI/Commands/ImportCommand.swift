import ArgumentParser
import FoundationEssentials
import SocketAPI
import ToolAuthClient

struct ImportCommand: GrantCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take over tokens obtained elsewhere.",
        discussion: """
            One JSON object is read from --file or standard input, never from the command line, which other users of \
            this machine can read:

              {"access_token": …, "refresh_token": …, "token_type": …, "expires_at" or "expires_in": …,
               "refresh_token_expires_at": …, "scope": …, "metadata": {…}}

            One of the two tokens at least; the rest may be left out.
            """)

    @OptionGroup var grant: GrantArguments

    @Option(help: "Where the object is; - is standard input.", completion: .file())
    var file = "-"

    @Flag(help: "Only if there is no grant yet.")
    var ifAbsent = false

    @Option(help: ArgumentHelp("Only if the stored grant has this generation.", valueName: "number"))
    var ifGeneration: Int64?

    @OptionGroup var common: CommonOptions

    /// Most bytes of a body that the daemon takes.
    private static let limit = 64 * 1024

    func validate() throws {
        if ifAbsent && ifGeneration != nil {
            throw ValidationError("--if-absent and --if-generation exclude each other")
        }
    }

    func run(in session: Session) async throws {
        let (toolID, userID) = try await session.grant(grant)
        let body = try body(session)
        let condition: RecordCondition = ifAbsent ? .absent : ifGeneration.map { .generation($0) } ?? .none
        session.show(try await session.client.answer(to: .importTokens(body, toolID, userID, condition))) { imported in
            let record = summary(imported.record, now: session.now, painter: session.painter)
            session.line((imported.created ? "Imported: " : "Replaced: ") + record)
        }
    }

    private func body(_ session: Session) throws -> [UInt8] {
        let bytes = try source(session).all(limit: Self.limit)
        if bytes.count > Self.limit { throw CommandFailure(.usage, "\(sourceName) is longer than 64 KiB") }
        do {
            _ = try JSONDecoder().decode(ImportBody.self, from: Data(bytes))
        } catch {
            // Without the decoder's own words: they may quote a token.
            throw CommandFailure(.usage, "\(sourceName) is not one JSON object of tokens: see toolauthctl help import")
        }
        return bytes
    }

    private func source(_ session: Session) throws -> StandardInput {
        if file == "-" {
            guard !session.context.input.isTerminal else {
                throw CommandFailure(.usage, "tokens are not typed in: give --file, or pipe the JSON in")
            }
            return session.context.input
        }
        guard let input = StandardInput(path: file) else {
            throw CommandFailure(.usage, "\(file) cannot be read (\(systemError()))")
        }
        return input
    }

    private var sourceName: String { file == "-" ? "standard input" : file }
}
