import SocketAPI
import ToolAuthClient
import ToolAuthCore

/// The call that scripts make in loops, `toolauthctl token TOOL [USER]` with at most `--header` and `--socket`: made without
/// the parser of arguments and without another thread, which take longer than the call itself.
///
/// Whatever else is asked, and whatever goes wrong, is the ordinary way's.
struct QuickToken {
    let toolID: ToolID
    let userID: UserID
    let printsHeader: Bool
    let socketPath: String?

    /// - Parameter arguments: without the name of the program.
    /// - Returns: nil: the ordinary way has to look.
    init?(_ arguments: [String], in context: CommandContext) {
        guard arguments.first == "token" else { return nil }
        var words: [String] = []
        var (header, socket): (Bool, String?) = (false, nil)
        var rest = arguments.dropFirst()
        while let argument = rest.popFirst() {
            switch argument {
            case "--header" where !header: header = true
            case "--socket" where socket == nil:
                guard let path = rest.popFirst(), !path.isEmpty, path.utf8.first != UInt8(ascii: "-") else {
                    return nil
                }
                socket = path
            default:
                guard argument.utf8.first != UInt8(ascii: "-") else { return nil }
                words.append(argument)
            }
        }
        guard (1...2).contains(words.count), let toolID = ToolID(words[0]),
            let userID = context.user(words.dropFirst().first).flatMap({ UserID($0) })
        else { return nil }
        self.toolID = toolID
        self.userID = userID
        printsHeader = header
        socketPath = socket
    }

    /// Asks the daemon, and blocks until it answers.
    func ask(in context: CommandContext) throws(ToolAuthClientError) -> TokenBody {
        let client = ToolAuthClient.discover(socketPath: socketPath, environment: context.environment)
        return try client.answerBlocking(to: .token(toolID, userID, minValidity: nil, wait: nil)).value
    }
}
