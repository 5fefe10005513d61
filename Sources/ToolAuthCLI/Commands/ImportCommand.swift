import ArgumentParser
import FoundationEssentials
import SocketAPI
import ToolAuthClient

struct ImportCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take over tokens obtained elsewhere.",
        discussion: """
            One JSON object is read from --file or standard input, never from the command line, which other users of \
            this machine can read:

              {"access_token": …, "refresh_token": …, "token_type": …, "expires_at" or "expires_in": …,
               "refresh_token_expires_at": …, "scope": …, "metadata": {…}}

            One of the two tokens at least; the rest may be left out.

            Instead of a tool, a file of many grants may be named, or - for standard input: an object on each line, with \
            tool_id and user_id beside the rest. Lines that do not go are reported with their number, and the others are \
            imported all the same. A file that is named like a tool is given as ./NAME.

              toolauthctl import grants.jsonl
            """)

    @Argument(help: "The tool, or a file of many grants.", completion: .file())
    var target: String

    @Argument(help: "The user; else TOOLAUTH_USER, else the login name.", completion: userCompletion)
    var user: String?

    @Option(help: "Where the object is; else, and for -, standard input.", completion: .file())
    var file: String?

    @Flag(help: "Only if there is no grant yet.")
    var ifAbsent = false

    @Option(help: ArgumentHelp("Only if the stored grant has this generation.", valueName: "number"))
    var ifGeneration: Int64?

    @OptionGroup var common: CommonOptions

    /// Most bytes of a body that the daemon takes.
    private static let limit = 64 * 1024

    /// A name that no tool can have is that of a file.
    private var isBulk: Bool {
        target == "-" || target.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".") }
    }

    var namedTool: String? { isBulk ? nil : target }
    var namesUser: Bool { !isBulk }
    var namedUser: String? { user }

    func validate() throws {
        if isBulk && (user != nil || file != nil || ifGeneration != nil) {
            throw ValidationError("a file of many grants says itself whose each is; only --if-absent goes with it")
        }
        if ifAbsent && ifGeneration != nil {
            throw ValidationError("--if-absent and --if-generation exclude each other")
        }
    }

    func run(in session: Session) async throws {
        if isBulk { return try await importAll(session) }
        let (toolID, userID) = (try await session.tool(target), try session.user(user))
        let body = try body(session)
        let condition: RecordCondition = ifAbsent ? .absent : ifGeneration.map { .generation($0) } ?? .none
        session.show(try await session.client.answer(to: .importTokens(body, toolID, userID, condition))) { imported in
            let record = summary(imported.record, now: session.now, painter: session.painter)
            session.line((imported.created ? "Imported: " : "Replaced: ") + record)
        }
    }

    private func importAll(_ session: Session) async throws {
        let bulk = BulkImport(
            session: session, condition: ifAbsent ? .absent : .none,
            size: target == "-" ? nil : StandardInput.size(ofFile: target))
        let counts = await bulk.run(try source(target, session))
        if session.json {
            session.line(
                #"{"created":\#(counts.created),"replaced":\#(counts.replaced),"failed":\#(counts.failed)}"#)
        } else {
            let replaced = counts.replaced > 0 ? ", \(counts.replaced) replaced" : ""
            session.line(
                "\(counts.created) imported\(replaced)" + (counts.failed > 0 ? ", \(counts.failed) failed" : ""))
        }
        if let failure = counts.readFailure { throw unreadable(target, failure) }
        if let status = counts.status {
            let lines = counts.failed == 1 ? "1 line was" : "\(counts.failed) lines were"
            throw CommandFailure(status, "\(lines) not imported; mend them and import them again")
        }
    }

    private func body(_ session: Session) throws -> [UInt8] {
        let input = try source(file ?? "-", session)
        let bytes: [UInt8]
        do { bytes = try input.all(limit: Self.limit) } catch { throw unreadable(file ?? "-", error) }
        if bytes.count > Self.limit { throw CommandFailure(.usage, "\(sourceName) is longer than 64 KiB") }
        do {
            _ = try JSONDecoder().decode(ImportBody.self, from: Data(bytes))
        } catch {
            // Without the decoder's own words: they may quote a token.
            throw CommandFailure(.usage, "\(sourceName) is not one JSON object of tokens: see toolauthctl help import")
        }
        return bytes
    }

    private func source(_ file: String, _ session: Session) throws -> StandardInput {
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

    private func unreadable(_ file: String, _ failure: StandardInput.ReadFailure) -> CommandFailure {
        CommandFailure(.inputOutput, "\(Self.name(file)) cannot be read (\(systemError(failure.errno)))")
    }

    private var sourceName: String { Self.name(file ?? "-") }

    private static func name(_ file: String) -> String { file == "-" ? "standard input" : file }
}
