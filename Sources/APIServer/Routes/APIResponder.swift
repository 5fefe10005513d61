import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import ToolAuthCore

/// Answers requests: identity, route, rule, and then one call of the service.
struct APIResponder: Sendable {
    let service: any ToolAuthService
    let access: any AccessPolicy
    let metrics: APIMetrics
    let logger: Logger

    /// Never fails: every end is an answer.
    ///
    /// - Parameter peer: nil if the kernel would not say who it is; it may do nothing that needs a rule.
    func respond(to request: APIRequest, from peer: Peer?) async -> Response {
        let began = ContinuousClock.now
        var route: String?
        let response: Response
        do {
            let resource = try Resource(path: request.target.path)
            route = resource.route(for: request.method)
            response = try await answer(request, for: resource, peer)
        } catch let error as ToolAuthError {
            response = problem(error, request)
        } catch {
            response = problem(ToolAuthError(.internalError, "\(error)"), request)
        }
        metrics.answered(
            route ?? APIMetrics.noRoute, status: response.status.code, after: ContinuousClock.now - began)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: APIRequest, for resource: Resource, _ peer: Peer?) async throws -> Response {
        guard resource.methods.contains(request.method) else {
            let allowed = resource.methods.map(\.rawValue).joined(separator: ", ")
            var response = Response.problem(
                ToolAuthError(.methodNotAllowed, "This path answers to \(allowed)."))
            response.headers[.allow] = allowed
            return response
        }
        if let action = resource.action(for: request.method) {
            try check(peer, action, resource)
        }
        switch resource {
        case .authorize(let key): return try await authorize(key, request)
        case .authorization(let id): return try await authorization(id, request)
        case .callback: return try await callback(request)
        case .token(let key): return try await token(key, request)
        case .refresh(let key): return try await refresh(key, request)
        case .toolAuth(let key): return try await toolAuth(key, request)
        case .tools: return try await tools(request)
        case .pauseTool(let toolID): return try await pauseTool(toolID, request)
        case .resumeTool(let toolID): return try await resumeTool(toolID, request)
        case .toolAuths: return try await toolAuths(request)
        case .status: return try await status(request)
        case .resume: return try await resume(request)
        case .metrics: return try await metrics(request)
        case .health: return try await health(request)
        }
    }

    private func check(_ peer: Peer?, _ action: Action, _ resource: Resource) throws(ToolAuthError) {
        if let peer, access.allows(peer, action, toolID: resource.toolID, userID: resource.key?.userID) { return }
        throw ToolAuthError(
            .forbidden,
            "The rule for this process does not allow \(action.rawValue) here; ask the administrator of toolauthd.")
    }

    private func problem(_ error: ToolAuthError, _ request: APIRequest) -> Response {
        if error.code == .internalError {
            // The path may hold ids, but no secret: those come in bodies, headers and queries.
            logger.error(
                "request failed", metadata: ["path": "\(request.target.path)", "error": "\(error.detail)"])
        }
        return .problem(error)
    }
}
