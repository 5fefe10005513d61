import ToolAuthCore

/// What a caller may ask for, checked field by field; every refusal is an `invalid-request` that names its field.
enum AuthorizationOptions {
    /// The scopes to ask for, each once: the tool's own, or the caller's where all of them are the tool's (RFC 6749 §3.3:
    /// compared case-sensitively; here byte for byte), and those the provider always needs.
    static func scopes(
        _ options: AuthURLOptions, _ configuration: OAuth2Configuration
    ) throws(ToolAuthError) -> [String] {
        let always = configuration.authorization.alwaysScopes
        guard let asked = options.scopes else { return unique(configuration.scopes + always) }
        let allowed = configuration.scopes + configuration.optionalScopes + always
        // Without a scope parameter the server grants what it likes (§3.3), which may be more than the tool has.
        guard !asked.isEmpty || allowed.isEmpty else {
            throw .invalidRequest(field: "scopes", "the list is empty; leave it out to ask for the tool's own scopes")
        }
        for scope in asked where !allowed.contains(where: { bytesEqual($0, scope) }) {
            throw .invalidRequest(
                field: "scopes", "'\(PlainText.shown(scope))' is not among the scopes of \(configuration.toolID)")
        }
        return unique(asked + always)
    }

    /// The redirect URI as the tool's file writes it, byte for byte (RFC 6749 §4.1.3).
    static func redirectURI(
        _ options: AuthURLOptions, _ configuration: OAuth2Configuration
    ) throws(ToolAuthError) -> String {
        guard let asked = options.redirectURI else {
            if let first = configuration.redirectURIs.first { return first }
            throw ToolAuthError(.toolUnavailable, "\(configuration.toolID) has no redirect_uris in its configuration")
        }
        guard let listed = configuration.redirectURIs.first(where: { bytesEqual($0, asked) }) else {
            throw .invalidRequest(field: "redirect_uri", "it is none of the redirect_uris of \(configuration.toolID)")
        }
        return listed
    }

    /// The connection values of the caller, each one that the tool leaves open, and all that are needed.
    static func checkConnection(
        _ options: AuthURLOptions, _ configuration: OAuth2Configuration
    ) throws(ToolAuthError) {
        for (name, value) in options.connection.sorted(by: { bytesPrecede($0.key, $1.key) }) {
            if let problem = connectionProblem(name, value, configuration) {
                throw .invalidRequest(field: "connection", problem)
            }
        }
        let values = configuration.connection(given: options.connection)
        for parameter in configuration.neededConnection where values[parameter.name] == nil {
            let meaning = parameter.description.map { " (\($0))" } ?? ""
            throw .invalidRequest(
                field: "connection", "\(configuration.toolID) needs a value for '\(parameter.name)'\(meaning)")
        }
    }

    private static func connectionProblem(
        _ name: String, _ value: String, _ configuration: OAuth2Configuration
    ) -> String? {
        let shown = PlainText.shown(name)
        guard let parameter = configuration.connectionParameters.first(where: { bytesEqual($0.name, name) }) else {
            return "\(configuration.toolID) takes no value '\(shown)'"
        }
        if configuration.connection[name] != nil {
            return "'\(shown)' is fixed by the configuration of \(configuration.toolID)"
        }
        guard parameter.isOpenToCallers else {
            return "'\(shown)' decides which host is asked, so only the file of \(configuration.toolID) may give it"
        }
        return parameter.problem(with: value)
    }

    /// Further parameters in the order of their names, only those the tool allows, never one of the protocol's or of the
    /// endpoint's own query.
    static func extraParameters(
        _ options: AuthURLOptions, _ configuration: OAuth2Configuration, taken: [String]
    ) throws(ToolAuthError) -> [(name: String, value: String)] {
        let standard = StandardParameters.names(at: configuration.authorization).union(taken)
        let extra = options.extraParameters.sorted { bytesPrecede($0.key, $1.key) }
        for (name, _) in extra {
            let shown = PlainText.shown(name)
            guard !standard.contains(name) else {
                throw .invalidRequest(field: "extra_params", "'\(shown)' is set by toolauthd, not by callers")
            }
            guard configuration.extraParameters.contains(where: { bytesEqual($0, name) }) else {
                throw .invalidRequest(
                    field: "extra_params", "'\(shown)' is not among the extra_parameters of \(configuration.toolID)")
            }
        }
        return extra.map { (name: $0.key, value: $0.value) }
    }

    /// What the provider document wants and what the caller asks for, together (OpenID Connect Core §3.1.2.1: a list).
    /// `none` goes with nothing else, so a caller's `none` stands alone.
    static func prompt(asked: String?, provided: String?) -> String? {
        guard let asked, !asked.isEmpty else { return provided }
        guard let provided, asked != "none", provided != "none" else { return asked }
        let words = (provided.split(separator: " ") + asked.split(separator: " ")).map(String.init)
        return unique(words).joined(separator: " ")
    }

    private static func unique(_ values: [String]) -> [String] {
        var result: [String] = []
        for value in values where !result.contains(where: { bytesEqual($0, value) }) { result.append(value) }
        return result
    }
}
