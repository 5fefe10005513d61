package import OAuth
package import ToolAuthCore

/// A configuration directory, read and checked.
package struct LoadedConfiguration: Sendable {
    package var daemon: DaemonConfiguration
    /// In the order of their ids.
    package var tools: [ConfiguredTool]
    /// In the order of the files.
    package var unavailable: [UnavailableTool]
    /// The catalogue, by name.
    package var providers: [ProviderSummary]
    /// All that is wrong in tool and provider files, warnings too, in the order of the files.
    package var problems: [ConfigurationProblem]
    /// The systemd credentials that tools name.
    package var credentials: Set<String>

    package init(
        daemon: DaemonConfiguration, tools: [ConfiguredTool], unavailable: [UnavailableTool],
        providers: [ProviderSummary] = [], problems: [ConfigurationProblem], credentials: Set<String> = []
    ) {
        self.credentials = credentials
        self.daemon = daemon
        self.tools = tools
        self.unavailable = unavailable
        self.providers = providers
        self.problems = problems
    }
}

/// A tool that can be used.
package struct ConfiguredTool: Sendable, Equatable {
    package var id: ToolID
    package var title: String
    /// The provider's name; the tool's own id where its provider document is inline.
    package var provider: String
    package var oauth2: OAuth2Configuration
    /// What its refreshes share limits by.
    package var endpoint: EndpointID
    /// `scheme://host:port` of the token endpoint, to which its tokens are bound; nil: each grant may have another, or it
    /// is known only once the issuer was asked.
    package var tokenOrigin: String?

    package init(
        id: ToolID, title: String, provider: String, oauth2: OAuth2Configuration, endpoint: EndpointID,
        tokenOrigin: String?
    ) {
        self.id = id
        self.title = title
        self.provider = provider
        self.oauth2 = oauth2
        self.endpoint = endpoint
        self.tokenOrigin = tokenOrigin
    }
}

/// A tool whose configuration cannot be used.
package struct UnavailableTool: Sendable, Equatable {
    /// nil: what is wrong leaves its id unknown.
    package var toolID: ToolID?
    /// As far as it could be read.
    package var title: String?
    package var provider: String?
    /// What is wrong, with file, line, column and key; where several things are, the first and how many more.
    package var reason: String

    package init(toolID: ToolID?, title: String? = nil, provider: String? = nil, reason: String) {
        self.toolID = toolID
        self.title = title
        self.provider = provider
        self.reason = reason
    }

    init(toolID: ToolID?, entry: YAMLEntry? = nil, problems: [ConfigurationProblem]) {
        let errors = problems.filter { $0.severity == .error }.inFileOrder
        let first = errors.first?.description ?? "its configuration is incomplete"
        self.init(
            toolID: toolID, title: entry?.value.entry("title")?.value.text,
            provider: entry?.value.entry("provider")?.value.text,
            reason: errors.count > 1 ? "\(first) (and \(errors.count - 1) more)" : first)
    }
}
