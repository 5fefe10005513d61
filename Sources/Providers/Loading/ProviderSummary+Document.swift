import OAuth
import ToolAuthCore

extension ProviderCatalogue {
    /// All of them, by name.
    ///
    /// - Parameter callback: where the daemon takes callbacks; nil: it does not.
    func summaries(callback: ListenAddress?) -> [ProviderSummary] {
        entries.map { name, entry in
            switch entry {
            case .usable(let document):
                var summary = ProviderSummary(document)
                if !summary.needsNoUser { summary.redirectURI = callback.map { "http://\($0)/callback" } }
                return summary
            case .broken(let problems):
                var summary = ProviderSummary(name: name, title: name)
                summary.problem = problems.inFileOrder.first?.description ?? "its document cannot be used"
                return summary
            }
        }.sorted { bytesPrecede($0.name, $1.name) }
    }
}

extension ProviderSummary {
    fileprivate init(_ document: ProviderDocument) {
        self.init(name: document.name, title: document.title)
        documentation = document.documentation
        console = document.console
        notes = document.notes
        exampleScopes = document.exampleScopes
        needsNoUser = document.policy.method == .reacquire
        takesSecret = document.takesSecret
        issuer = document.issuer?.text
        authorizationEndpoint = document.authorization?.url.text
        tokenEndpoint = (needsNoUser ? document.refresh : document.token).url.text
        revocationEndpoint = document.revocation?.url.text
        connection = document.connection.map { parameter in
            ConnectionParameter(
                name: parameter.name, description: parameter.description, defaultValue: parameter.defaultValue,
                pattern: parameter.pattern, hosts: parameter.hosts)
        }
    }
}
