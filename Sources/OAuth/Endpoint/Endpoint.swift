/// An endpoint of a server, with nothing left to fill in.
package struct Endpoint: Sendable, Equatable {
    /// As it is requested.
    package let text: String
    package let url: EndpointURL

    /// - Throws: ``UnfitEndpoint`` where `text` is no URL.
    package init(_ text: String) throws(UnfitEndpoint) {
        self.text = text
        do throws(InvalidURL) { url = try EndpointURL(text) } catch { throw UnfitEndpoint(error.detail) }
    }
}

/// Why a template makes no endpoint here, in words that follow its name: "needs ${connection.shop}, …".
package struct UnfitEndpoint: Error, Sendable, Equatable {
    package let detail: String

    package init(_ detail: String) {
        self.detail = detail
    }
}
