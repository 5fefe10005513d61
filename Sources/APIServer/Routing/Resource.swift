import HTTPTypes
import ToolAuthCore

/// What a path names.
enum Resource: Hashable {
    case authorize(ToolAuthKey)
    case authorization(id: String)
    case callback
    case token(ToolAuthKey)
    case refresh(ToolAuthKey)
    case toolAuth(ToolAuthKey)
    case tools
    case providers
    case provider(name: String)
    case pauseTool(ToolID)
    case resumeTool(ToolID)
    case testTool(ToolID)
    case toolAuths
    case events
    case status
    case resume
    case reload
    case backup
    case keys
    case masterKey(id: String)
    case keyRotation
    case metrics
    case health
    case openAPI

    /// The methods it answers to, in the order of `Allow`.
    var methods: [HTTPTypes.HTTPRequest.Method] {
        switch self {
        case .authorize, .callback, .refresh, .pauseTool, .resumeTool, .testTool, .resume, .reload: [.post]
        case .authorization: [.get, .delete]
        case .keys, .keyRotation: [.get, .post]
        case .masterKey: [.delete]
        case .toolAuth: [.get, .put, .delete]
        case .token, .tools, .providers, .provider, .toolAuths, .events, .status, .backup, .metrics, .health, .openAPI:
            [.get]
        }
    }
}

extension Resource {
    /// Routes a path: split at its slashes first, then each segment decoded once, so that an escaped slash stays part of
    /// an id.
    ///
    /// - Throws: `not-found` for a path that names nothing, `invalid-request` for one that is malformed.
    init(path: Substring) throws(ToolAuthError) {
        let segments = path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if segments.count > 1, segments.contains(where: \.isEmpty) {
            throw .invalidRequest(field: "path", "The path has an empty segment; escape a slash inside an id as %2F.")
        }
        var names: [String] = []
        names.reserveCapacity(segments.count)
        for segment in segments {
            guard let name = percentDecoded(segment) else {
                throw .invalidRequest(field: "path", "The path has a broken escape, or is not UTF-8 once decoded.")
            }
            names.append(name)
        }
        guard let resource = try Self.route(names) else {
            throw ToolAuthError(.notFound, "No such path; see GET /v1/tools for the tools.")
        }
        self = resource
    }

    private static func route(_ names: [String]) throws(ToolAuthError) -> Resource? {
        guard let first = names.first else { return nil }
        if names.count == 1 { return first == "healthz" ? .health : first == "metrics" ? .metrics : nil }
        guard first == "v1" else { return nil }
        switch (names.count, names[1]) {
        case (2, "tools"): return .tools
        case (2, "providers"): return .providers
        case (3, "providers"): return .provider(name: names[2])
        case (2, "auths"): return .toolAuths
        case (2, "callback"): return .callback
        case (2, "events"): return .events
        case (2, "status"): return .status
        case (2, "openapi.json"): return .openAPI
        case (2, "resume"): return .resume
        case (2, "reload"): return .reload
        case (2, "backup"): return .backup
        case (2, "keys"): return .keys
        case (3, "keys"): return .masterKey(id: names[2])
        case (2, "key-rotation"): return .keyRotation
        case (3, "authorizations"): return .authorization(id: names[2])
        case (4, "tools") where names[3] == "pause": return .pauseTool(try tool(names[2]))
        case (4, "tools") where names[3] == "resume": return .resumeTool(try tool(names[2]))
        case (4, "tools") where names[3] == "test": return .testTool(try tool(names[2]))
        case (5, "tools") where names[3] == "users": return .toolAuth(try key(names[2], names[4]))
        case (6, "tools") where names[3] == "users":
            switch names[5] {
            case "authorize": return .authorize(try key(names[2], names[4]))
            case "token": return .token(try key(names[2], names[4]))
            case "refresh": return .refresh(try key(names[2], names[4]))
            default: return nil
            }
        default: return nil
        }
    }

    private static func key(_ tool: String, _ user: String) throws(ToolAuthError) -> ToolAuthKey {
        ToolAuthKey(try self.tool(tool), try UserID.parse(user, field: "user_id"))
    }

    private static func tool(_ id: String) throws(ToolAuthError) -> ToolID {
        try ToolID.parse(id, field: "tool_id")
    }
}
