import NIOCore
import ToolAuthCore

/// Connections of the socket API: who they are, what they may, and how much of it.
struct APIHandler: RequestHandler {
    let responder: APIResponder
    let rules: RulesInForce
    let allowances: Allowances
    let identify: @Sendable (CInt) -> Peer?
    let isUserOfUnit: @Sendable (String, UInt32) async -> Bool?

    func accept(_ descriptor: CInt) -> ConnectedClient {
        ConnectedClient(identify(descriptor), rules, isUserOfUnit)
    }

    func admit(_ client: ConnectedClient) -> ToolAuthError? {
        allowances.connect(client.allowance)
    }

    func release(_ client: ConnectedClient) {
        allowances.disconnect(client.allowance)
    }

    func answer(_ request: APIRequest, from client: ConnectedClient, closed: EventLoopFuture<Void>) -> Answer {
        if let refusal = allowances.request(client.allowance) { return .ready(responder.refuse(refusal, request)) }
        if let known = client.known, let quick = TokenRequest(request),
            let answer = responder.respondAtOnce(to: quick, from: known)
        {
            answer.note()
            return .ready(answer.response)
        }
        return .later { await responder.respond(to: request, from: client, closed: closed) }
    }

    func quickRequest(_ request: APIRequest) -> TokenRequest? { TokenRequest(request) }

    func answerAtOnce(_ request: TokenRequest, from client: ConnectedClient) -> AnswerAtOnce? {
        // Where requests are counted, each is counted once, and not here.
        guard !allowances.countsRequests, let known = client.known else { return nil }
        return responder.respondAtOnce(to: request, from: known)
    }

    func quiesce() { responder.quiesce() }
}
