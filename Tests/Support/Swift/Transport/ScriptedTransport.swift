package import ToolAuthCore

/// A transport that answers from a script and keeps what it was asked.
package final class ScriptedTransport: HTTPTransport {
    package typealias Answer = Result<HTTPReply, TransportFailure>

    /// A connection that was tried.
    package struct Connection: Sendable, Equatable {
        package let url: String
        package let options: TransportOptions
        package let timeout: Duration
    }

    private struct State {
        var answers: [Answer]
        var requests: [HTTPRequest] = []
        var connections: [Connection] = []
    }

    private let state: Locked<State>
    private let respond: @Sendable (HTTPRequest) async -> Answer

    /// Gives `answers` in turn; once they are used up, a failure to connect.
    package init(_ answers: [Answer] = []) {
        state = Locked(State(answers: answers))
        respond = { _ in
            .failure(TransportFailure(.connect, mayHaveBeenSent: false, detail: "the script has ended"))
        }
    }

    /// Gives what `respond` returns.
    package init(_ respond: @escaping @Sendable (HTTPRequest) async -> Answer) {
        state = Locked(State(answers: []))
        self.respond = respond
    }

    /// What was asked so far, oldest first.
    package var requests: [HTTPRequest] { state.withLock { $0.requests } }

    /// Which connections were tried so far, oldest first.
    package var connections: [Connection] { state.withLock { $0.connections } }

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

    package func connect(to url: String, options: TransportOptions, timeout: Duration) async -> TransportFailure? {
        state.withLock { $0.connections.append(Connection(url: url, options: options, timeout: timeout)) }
        return nil
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
