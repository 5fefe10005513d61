import HTTPTypes
import NIOCore
import Telemetry
import ToolAuthCore

/// Answers requests: identity, route, rule, and then one call of the service.
struct APIResponder: Sendable {
    let service: any ToolAuthService
    /// nil: there are none to follow here.
    let events: EventHub?
    let metrics: APIMetrics
    /// Takes note of each token handed out.
    let audit: @Sendable (TokenUse) -> Void
    /// Hears of faults of ours.
    let report: @Sendable (JournalEntry) -> Void
    let stop = StopFlag()

    /// Never fails: every end is an answer.
    ///
    /// - Parameter closed: succeeds when the client is gone.
    func respond(
        to request: APIRequest, from client: ConnectedClient, closed: EventLoopFuture<Void>
    ) async -> Response {
        await respond(to: request) { resource async throws in
            try await answer(request, for: resource, client, closed)
        }
    }

    /// Answers a request for a token that is at hand and need not be refreshed first; nil: there is something to wait for or to
    /// refuse, which ``respond(to:from:closed:)`` does.
    func respondAtOnce(to request: TokenRequest, from client: Client) -> AnswerAtOnce? {
        let began = metrics.now()
        guard let rule = try? client.check(.token, toolID: request.key.toolID, userID: request.key.userID),
            let token = service.tokenAtHand(request.key, request.query)
        else { return nil }
        let response = request.answer(with: token)
        return AnswerAtOnce(response: response) {
            if let peer = client.peer { audit(TokenUse(request.key, token.record.generation, peer, rule)) }
            metrics.answered(TokenRequest.route, status: response.status.code, since: began)
        }
    }

    /// As ``respond(to:from:closed:)``, where there is but one path, open to everyone.
    func respondOnlyToMetrics(_ request: APIRequest) async -> Response {
        await respond(to: request) { resource async throws in
            guard resource == .metrics else { throw ToolAuthError(.notFound, "There is only GET /metrics here.") }
            if let refusal = refuseMethod(request, resource) { return refusal }
            return try await metrics(request)
        }
    }

    private func respond(
        to request: APIRequest, _ answer: (Resource) async throws -> Response
    ) async -> Response {
        let began = metrics.now()
        var route: String?
        let response: Response
        do {
            let resource = try Resource(path: request.target.path)
            route = resource.route(for: request.method)
            response = try await answer(resource)
        } catch let error as ToolAuthError {
            response = problem(error, request)
        } catch {
            response = problem(ToolAuthError(.internalError, "\(error)"), request)
        }
        metrics.answered(route ?? APIMetrics.noRoute, status: response.status.code, since: began)
        return response
    }

    /// The answer to a request that nobody looks into.
    func refuse(_ error: ToolAuthError, _ request: APIRequest) -> Response {
        let response = problem(error, request)
        metrics.answered(APIMetrics.noRoute, status: response.status.code, since: nil)
        return response
    }

    /// Ends the answers that go on for long.
    func quiesce() {
        events?.finish()
        stop.raise()
    }

    private func answer(
        _ request: APIRequest, for resource: Resource, _ connected: ConnectedClient, _ closed: EventLoopFuture<Void>
    ) async throws -> Response {
        if let refusal = refuseMethod(request, resource) { return refusal }
        guard let action = resource.action(for: request.method) else {
            return resource == .openAPI ? try openAPI(request) : try await health(request)
        }
        let client = await connected.client
        let rule = try client.check(action, toolID: resource.toolID, userID: resource.key?.userID)
        switch resource {
        case .authorize(let key): return try await authorize(key, request)
        case .authorization(let id): return try await authorization(id, request, rule)
        case .callback: return try await callback(request, rule)
        case .token(let key):
            let (response, generation) = try await token(key, request)
            if let peer = client.peer { audit(TokenUse(key, generation, peer, rule)) }
            return response
        case .refresh(let key): return try await refresh(key, request)
        case .toolAuth(let key): return try await toolAuth(key, request)
        case .tools: return try await tools(request, client)
        case .providers: return try await providers(request)
        case .provider(let name): return try await provider(name, request)
        case .pauseTool(let toolID): return try await pauseTool(toolID, request)
        case .resumeTool(let toolID): return try await resumeTool(toolID, request)
        case .testTool(let toolID): return try await testTool(toolID, request)
        case .toolAuths: return try await toolAuths(request, client)
        case .events: return try await followEvents(request, connected, closed: closed)
        case .status: return try await status(request, rule)
        case .resume: return try await resume(request)
        case .reload: return try await reload(request)
        case .backup: return try await backup(request, client, rule)
        case .keys: return try await keys(request, client, rule)
        case .masterKey(let id): return try await retireKey(id, request, client, rule)
        case .keyRotation: return try await keyRotation(request, client, rule)
        case .metrics: return try await metrics(request)
        case .health: return try await health(request)
        case .openAPI: return try openAPI(request)
        }
    }

    /// 405 for a method that the path does not answer to.
    private func refuseMethod(_ request: APIRequest, _ resource: Resource) -> Response? {
        guard !resource.methods.contains(request.method) else { return nil }
        let allowed = resource.methods.map(\.rawValue).joined(separator: ", ")
        var response = Response.problem(ToolAuthError(.methodNotAllowed, "This path answers to \(allowed)."))
        response.headers[.allow] = allowed
        return response
    }

    private func problem(_ error: ToolAuthError, _ request: APIRequest) -> Response {
        if error.code == .internalError {
            // The path may hold ids, but no secret: those come in bodies, headers and queries.
            let call = "\(request.method.rawValue) \(request.target.path)"
            report(JournalEntry(.internalError(detail: "\(call) failed: \(error.detail)")))
        }
        return .problem(error)
    }
}

extension TokenUse {
    fileprivate init(_ key: ToolAuthKey, _ generation: Int64, _ peer: Peer, _ rule: AccessRule) {
        self.init(
            rule: rule.name, peerPID: peer.pid, peerUID: peer.uid, peerUnit: peer.unit.name, key: key,
            generation: generation)
    }
}
