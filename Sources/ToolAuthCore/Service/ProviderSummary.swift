/// A provider of the catalogue, as far as whoever writes a tool for it needs to know.
package struct ProviderSummary: Sendable, Equatable {
    /// A value that the provider needs from each tool, such as a tenant: `${connection.NAME}`.
    package struct ConnectionParameter: Sendable, Equatable {
        package let name: String
        package let description: String?
        package let defaultValue: String?
        /// A regular expression that the whole value matches.
        package let pattern: String?
        /// The only values allowed; nil: not so restricted.
        package let hosts: [String]?

        package init(
            name: String, description: String?, defaultValue: String?, pattern: String?, hosts: [String]?
        ) {
            self.name = name
            self.description = description
            self.defaultValue = defaultValue
            self.pattern = pattern
            self.hosts = hosts
        }
    }

    /// What tools name in `provider`.
    package let name: String
    package var title: String
    /// What is wrong with its document; nil: nothing, and tools can use it.
    package var problem: String?
    package var documentation: String?
    /// Where a client is registered.
    package var console: String?
    /// Where the daemon itself takes callbacks, to be registered for the client; nil: it takes none, or needs none.
    package var redirectURI: String?
    /// What whoever makes a tool of it must know, a sentence each.
    package var notes: [String] = []
    /// Scopes that a first tool might ask for.
    package var exampleScopes: [String] = []
    /// Whether there is nothing to authorize: the client gets its tokens by itself.
    package var needsNoUser = false
    /// Whether a client proves itself with a secret.
    package var takesSecret = true
    package var issuer: String?
    /// The endpoints, with `${connection.NAME}` in them where the document has it.
    package var authorizationEndpoint: String?
    package var tokenEndpoint: String?
    package var revocationEndpoint: String?
    package var connection: [ConnectionParameter] = []

    package init(name: String, title: String) {
        self.name = name
        self.title = title
    }
}
