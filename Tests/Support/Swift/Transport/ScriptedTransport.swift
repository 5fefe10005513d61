package import OAuth
import Synchronization
import ToolAuthCore

/// A transport that answers from a script and keeps what it was asked.
package final class ScriptedTransport: HTTPTransport {
    package typealias Answer = Result<HTTPReply, TransportFailure>

    private struct State {
        var answers: [Answer]
        var requests: [HTTPRequest] = []
    }

    private let state: Mutex<State>
    private let respond: @Sendable (HTTPRequest) async -> Answer

    /// Gives `answers` in turn; once they are used up, a failure to connect.
    package init(_ answers: [Answer] = []) {
        state = Mutex(State(answers: answers))
        respond = { _ in
            .failure(TransportFailure(.connect, mayHaveBeenSent: false, detail: "the script has ended"))
        }
    }

    /// Gives what `respond` returns.
    package init(_ respond: @escaping @Sendable (HTTPRequest) async -> Answer) {
        state = Mutex(State(answers: []))
        self.respond = respond
    }

    /// What was asked so far, oldest first.
    package var requests: [HTTPRequest] { state.withLock { $0.requests } }

    /// Appends an answer to the script.
    package func enqueue(_ answer: Answer) {
        state.withLock { $0.answers.append(answer) }
    }

    package func send(_ request: HTTPRequest) async -> Answer {
        let scripted = state.withLock { state -> Answer? in
            state.requests.append(request)
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
        if let scripted { return scripted }
        return await respond(request)
    }
}

extension HTTPReply {
    /// A reply in JSON.
    package static func json(_ body: String, status: Int = 200, headers: [(name: String, value: String)] = [])
        -> HTTPReply
    {
        HTTPReply(status: status, headers: [("Content-Type", "application/json")] + headers, body: Secret(body))
    }
}
