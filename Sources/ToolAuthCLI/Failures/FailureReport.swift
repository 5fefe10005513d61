import SocketAPI
import ToolAuthClient
import ToolAuthCore

/// A failure in the words of the person at the keyboard: one sentence, and what to type next.
struct FailureReport: Equatable {
    var status: ExitStatus
    /// Made safe for a terminal.
    var message: String

    /// - Parameters:
    ///   - subject: what the command was about.
    ///   - now: to say since when something is so.
    init(_ error: ToolAuthClientError, about subject: Subject, now: Timestamp) {
        status = ExitStatus(error)
        if case .problem(let problem) = error {
            message = terminalSafe(Self.sentence(problem, subject, now))
        } else {
            message = terminalSafe(error.description)
        }
    }

    init(_ failure: CommandFailure) {
        status = failure.status
        message = terminalSafe(failure.message)
    }

    private static func sentence(_ problem: ProblemBody, _ subject: Subject, _ now: Timestamp) -> String {
        let tool = subject.tool ?? "the tool"
        let user = subject.user ?? "the user"
        switch problem.code {
        case "unknown-tool":
            return unknownTool(tool, problem.suggestions ?? [])
        case "not-connected":
            return "\(user) has not connected \(tool)\(hint(subject))"
        case "reauthorization-required":
            let since = problem.since.map { ", \(relative(rfc3339: $0, to: now))" } ?? ""
            let reason = problem.reason.map(spokenReason) ?? "the grant is dead"
            return "\(user) must authorize \(tool) again (\(reason)\(since))\(hint(subject))"
        case "tool-paused" where problem.reason == "endpoint_changed":
            // The daemon may have said it.
            guard !problem.detail.contains("--accept-endpoint"), let command = subject.acceptCommand else {
                return detail(problem)
            }
            let fact = detail(problem)
            return "\(fact.hasSuffix(".") ? String(fact.dropLast()) : fact); if that is meant: \(command)"
        case "provider-error":
            let answer = [problem.error, problem.errorDescription].compactMap(\.self).joined(separator: ": ")
            if answer.isEmpty { return detail(problem) }
            // Where the provider's own words are the detail, they are said once.
            let isSaid = problem.errorDescription == detail(problem)
            return "the provider of \(tool) refused (\(answer))\(isSaid ? "" : ": \(detail(problem))")"
        case "invalid-request":
            return problem.field.map { "\($0): \(detail(problem))" } ?? detail(problem)
        default:
            return detail(problem) + (problem.retryAfter.map { " (try again in \($0) s)" } ?? "")
        }
    }

    /// - Parameter names: what may have been meant, best first.
    static func unknownTool(_ tool: String, _ names: [String]) -> String {
        guard let last = names.last else { return "there is no tool \(tool): toolauthctl tools lists them" }
        let others = names.dropLast().joined(separator: ", ")
        return "there is no tool \(tool): did you mean \(others.isEmpty ? last : "\(others) or \(last)")?"
    }

    private static func detail(_ problem: ProblemBody) -> String {
        problem.detail.isEmpty ? problem.title : problem.detail
    }

    private static func hint(_ subject: Subject) -> String {
        subject.authorizeCommand.map { ": \($0)" } ?? ""
    }
}

/// What a command is about, as it was typed.
struct Subject: Equatable, Sendable {
    var tool: String?
    var user: String?
    /// What `--socket` said, for commands that are suggested.
    var socket: String?

    /// The command by which the user connects the tool, ready for a shell; nil: tool or user are not known.
    var authorizeCommand: String? {
        guard let tool, let user else { return nil }
        return command(["authorize", tool, user])
    }

    /// The command by which tokens may go to the endpoint that the tool has now; nil: the tool is not known.
    var acceptCommand: String? {
        tool.map { command(["tools", "resume", $0, "--accept-endpoint"]) }
    }

    private func command(_ words: [String]) -> String {
        (["toolauthctl"] + words + (socket.map { ["--socket", $0] } ?? [])).map(shellQuoted).joined(separator: " ")
    }
}

/// Why a grant needs the user again, for a person; the daemon's own word where it is a newer one.
func spokenReason(_ reason: String) -> String {
    switch ReauthorizationReason(rawValue: reason) {
    case .grantRejected: "the provider refused the refresh token"
    case .replyLost: "a renewed refresh token was lost on its way"
    case .expiredUnrefreshable: "the token ended and cannot be refreshed"
    case .configurationChanged: "the tool has another client now"
    case .undecryptable: "the key that seals the tokens is missing"
    case nil: reason
    }
}
