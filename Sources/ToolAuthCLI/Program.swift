import ArgumentParser
import FoundationEssentials
import Glibc
import SocketAPI
import ToolAuthClient
import ToolAuthCore

/// `toolauthctl` from its arguments to its exit status.
package enum Program {
    /// - Parameter arguments: without the name of the program.
    /// - Returns: the exit status.
    package static func run(_ arguments: [String], in context: CommandContext) async -> Int32 {
        let status = await answer(arguments, in: context)
        guard let code = context.output.failure() else { return status }
        // Whoever reads no further has enough, and is told nothing; as if the signal, here ignored, had ended it.
        if code == EPIPE { return status == ExitStatus.success.rawValue ? 128 + SIGPIPE : status }
        let failure = CommandFailure(.inputOutput, "standard output cannot be written (\(systemError(code)))")
        let reported = report(FailureReport(failure), in: context)
        return status == ExitStatus.success.rawValue ? reported.rawValue : status
    }

    private static func answer(_ arguments: [String], in context: CommandContext) async -> Int32 {
        guard let quick = QuickToken(arguments, in: context) else { return await parse(arguments, in: context) }
        let text: TokenText
        do { text = TokenText(try quick.ask(in: context)) } catch {
            return await parse(arguments, in: context, failed: error)
        }
        do {
            if let warning = text.warning(context.errors.painter) { context.errors.line(warning) }
            context.output.line(quick.printsHeader ? try text.header() : try text.plain())
            return ExitStatus.success.rawValue
        } catch {
            return report(FailureReport(error), in: context).rawValue
        }
    }

    /// - Parameter failure: how the command failed when it was tried; nil: it was not.
    private static func parse(
        _ arguments: [String], in context: CommandContext, failed failure: ToolAuthClientError? = nil
    ) async -> Int32 {
        do {
            var command = try Toolauthctl.parseAsRoot(arguments)
            guard let verb = command as? any ClientCommand else {
                // Help, which is printed by being thrown, or a verb that asks no daemon.
                try command.run()
                return ExitStatus.success.rawValue
            }
            return await run(verb, in: context, failed: failure).rawValue
        } catch let failure as CommandFailure {
            return report(FailureReport(failure), in: context).rawValue
        } catch {
            if let unknown = unknownVerb(arguments) { return report(FailureReport(unknown), in: context).rawValue }
            let status = Toolauthctl.exitCode(for: error).rawValue
            let message = Toolauthctl.fullMessage(for: error)
            if !message.isEmpty { (status == 0 ? context.output : context.errors).line(message) }
            return status
        }
    }

    /// Why the first argument is no verb, if that is what is wrong.
    private static func unknownVerb(_ arguments: [String]) -> CommandFailure? {
        let verbs = Toolauthctl.configuration.subcommands.compactMap { $0.configuration.commandName }
        guard let verb = arguments.first, verb.utf8.first != UInt8(ascii: "-"), !(verbs + ["help"]).contains(verb)
        else {
            return nil
        }
        let near = nearestNames(to: verb, among: verbs)
        let advice = near.isEmpty ? "see toolauthctl --help" : "did you mean \(near.joined(separator: " or "))?"
        return CommandFailure(.usage, "there is no verb \(terminalSafe(verb)): \(advice)")
    }

    private static func run(
        _ command: any ClientCommand, in context: CommandContext, failed failure: ToolAuthClientError?
    ) async -> ExitStatus {
        let session = Session(context, command.common)
        let report: FailureReport
        do {
            if let failure { throw failure }
            try await command.run(in: session)
            return .success
        } catch let failure as CommandFailure {
            report = FailureReport(failure)
        } catch let error as ToolAuthClientError {
            let subject = command.subject(context)
            let known = await withSuggestions(error, subject, session)
            if session.json, case .problem(let problem) = known { printProblem(problem, session) }
            report = FailureReport(known, about: subject, now: session.now)
        } catch {
            // Only a sleep that was cancelled is left.
            report = FailureReport(CommandFailure(.transient, "interrupted"))
        }
        return self.report(report, in: context)
    }

    private static func report(_ report: FailureReport, in context: CommandContext) -> ExitStatus {
        context.errors.line(context.errors.painter("Error:", .red) + " " + report.message)
        return report.status
    }

    /// A daemon that names no near tools is asked for all of them.
    private static func withSuggestions(
        _ error: ToolAuthClientError, _ subject: Subject, _ session: Session
    ) async -> ToolAuthClientError {
        guard case .problem(var problem) = error, problem.code == "unknown-tool",
            problem.suggestions?.isEmpty ?? true, let tool = subject.tool
        else { return error }
        problem.suggestions = await session.nearestTools(to: tool)
        return .problem(problem)
    }

    /// With `--json` the problem document is the answer; the sentence for people goes to standard error beside it.
    private static func printProblem(_ problem: ProblemBody, _ session: Session) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if let json = try? encoder.encode(problem) { session.printJSON(json) }
    }
}
