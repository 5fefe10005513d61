/// What is wrong with a URL of the configuration or of a caller, in words that follow its name: "has a fragment".
package struct InvalidURL: Error, Sendable, Equatable {
    package let detail: String

    init(_ detail: String) {
        self.detail = detail
    }
}
