import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import ToolAuthCore

/// Answers requests: identity, route, rule, and then one call of the service.
struct APIResponder: Sendable {
    let service: any ToolAuthService
    let access: any AccessPolicy
    let logger: Logger

    /// Never fails: every end is an answer.
    ///
    /// - Parameter peer: nil if the kernel would not say who it is; it may do nothing that needs a rule.
    func respond(to request: APIRequest, from peer: Peer?) async -> Response {
        let response: Response
        do {
            response = try await answer(request, peer)
        } catch let error as ToolAuthError {
            response = problem(error, request)
        } catch {
            response = problem(ToolAuthError(.internalError, "\(error)"), request)
        }
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: APIRequest, _ peer: Peer?) async throws -> Response {
        let resource = try Resource(path: request.target.path)
        guard resource.methods.contains(request.method) else {
            let allowed = resource.methods.map(\.rawValue).joined(separator: ", ")
            var response = Response.problem(
                ToolAuthError(.methodNotAllowed, "This path answers to \(allowed)."))
            response.headers[.allow] = allowed
            return response
        }
        if let action = resource.action(for: request.method) {
            try check(peer, action, resource.key)
        }
        switch resource {
        case .authorize(let key): return try await authorize(key, request)
        case .authorization(let id): return try await authorization(id, request)
        case .callback: return try await callback(request)
        case .token(let key): return try await token(key, request)
        case .refresh(let key): return try await refresh(key, request)
        case .toolAuth(let key): return try await toolAuth(key, request)
        case .tools: return try await tools(request)
        case .toolAuths: return try await toolAuths(request)
        case .status: return try await status(request)
        case .health: return try await health(request)
        }
    }

    private func check(_ peer: Peer?, _ action: Action, _ key: ToolAuthKey?) throws(ToolAuthError) {
        if let peer, access.allows(peer, action, toolID: key?.toolID, userID: key?.userID) { return }
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
