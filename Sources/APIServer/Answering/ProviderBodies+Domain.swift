package import SocketAPI
package import ToolAuthCore

extension ProviderBody {
    package init(_ provider: ProviderSummary) {
        self.init(
            name: provider.name, title: provider.title, status: provider.problem == nil ? "usable" : "broken",
            reason: provider.problem, documentation: provider.documentation, issuer: provider.issuer,
            authorizationEndpoint: provider.authorizationEndpoint, tokenEndpoint: provider.tokenEndpoint,
            revocationEndpoint: provider.revocationEndpoint, console: provider.console,
            redirectURI: provider.redirectURI, notes: provider.notes, exampleScopes: provider.exampleScopes,
            needsUser: !provider.needsNoUser, takesSecret: provider.takesSecret,
            connection: provider.connection.map { parameter in
                ConnectionParameterBody(
                    name: parameter.name, description: parameter.description, default: parameter.defaultValue,
                    pattern: parameter.pattern, hosts: parameter.hosts)
            })
    }
}
