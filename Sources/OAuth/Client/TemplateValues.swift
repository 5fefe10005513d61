import ToolAuthCore

/// What the templates of a request can name.
struct TemplateValues {
    /// Separated as the server separates scopes.
    var scope: String
    var clientID: String
    var redirectURI: String
    var connection: [String: String]
    var metadata: [String: String] = [:]
    /// When the request is made.
    var now: Timestamp
    /// Unique to the request.
    var uuid: String

    init(
        scope: String, redirectURI: String, _ configuration: OAuth2Configuration, connection: [String: String],
        metadata: [String: String] = [:], _ context: RequestContext
    ) {
        let words = scope.utf8.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        self.scope = words.joined(separator: configuration.authorization.scopeSeparator)
        clientID = configuration.clientID
        self.redirectURI = redirectURI
        self.connection = configuration.connection(given: connection)
        self.metadata = metadata
        now = context.now
        uuid = context.uuid
    }

    /// Those of what a user agreed to.
    init(
        _ pending: PendingAuthorization, _ configuration: OAuth2Configuration, metadata: [String: String],
        _ context: RequestContext
    ) {
        self.init(
            scope: pending.scope, redirectURI: pending.redirectURI, configuration, connection: pending.connection,
            metadata: metadata, context)
    }

    /// Those of a grant.
    ///
    /// - Parameter scope: nil: what was granted.
    init(
        _ record: ToolAuthRecord, scope: String? = nil, _ configuration: OAuth2Configuration, _ context: RequestContext
    ) {
        self.init(
            scope: scope ?? record.scope, redirectURI: configuration.redirectURI(record), configuration,
            connection: configuration.givenConnection(record), metadata: record.metadata, context)
    }

    func value(of variable: String) -> String? {
        switch variable {
        case "scope": return scope
        case "client_id": return clientID
        case "redirect_uri": return redirectURI
        case "now": return "\(now.millisecondsSinceEpoch / 1000)"
        case "uuid": return uuid
        default: break
        }
        for (prefix, values) in [
            (OAuth2Configuration.connectionPrefix, connection), (OAuth2Configuration.metadataPrefix, metadata),
        ] where variable.hasPrefix(prefix) {
            return values[String(variable.dropFirst(prefix.count))]
        }
        return nil
    }

    /// The parameters with their templates filled in, in the order of their names.
    ///
    /// - Throws: ``UnfilledTemplate`` where a template names something that has no value here.
    func expand(_ parameters: [String: Template]) throws(UnfilledTemplate) -> [(name: String, value: Secret)] {
        var result: [(name: String, value: Secret)] = []
        for (name, template) in parameters.sorted(by: { bytesPrecede($0.key, $1.key) }) {
            guard let value = template.expand({ self.value(of: $0) }) else {
                let missing = template.variables.first { self.value(of: $0) == nil } ?? ""
                throw UnfilledTemplate(parameter: name, variable: missing)
            }
            result.append((name, Secret(value)))
        }
        return result
    }
}

/// A template that names something without a value.
struct UnfilledTemplate: Error {
    let parameter: String
    let variable: String

    var detail: String { "the parameter '\(parameter)' needs ${\(variable)}, which has no value here" }
}
