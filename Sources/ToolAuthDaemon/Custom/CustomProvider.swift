public import ToolAuthCore

/// A provider whose authentication is a type of one's own, because its document cannot say all of it.
///
/// The document of the same name says what data can say: endpoints, habits of refreshing, where a reply keeps its tokens.
/// The type is asked wherever the daemon would have gone by the document alone.
public struct CustomProvider: Sendable {
    /// The name of the provider document, which tools name in `provider`.
    public let name: String
    let makeAuthentication: @Sendable (ToolContext) -> any ToolAuthentication

    /// - Parameters:
    ///   - name: the daemon does not start without a document of that name.
    ///   - authentication: makes the type for a tool; called for each tool of the provider when the daemon starts, and again
    ///     when a reload finds that something about the tool has changed.
    public init(_ name: String, authentication: @escaping @Sendable (ToolContext) -> any ToolAuthentication) {
        self.name = name
        makeAuthentication = authentication
    }
}
