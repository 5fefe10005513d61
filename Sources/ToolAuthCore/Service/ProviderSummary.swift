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
