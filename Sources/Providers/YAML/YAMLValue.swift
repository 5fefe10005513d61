import ToolAuthCore

/// A YAML document as this package reads it: text, lists and maps with their places, without tags, anchors or types.
///
/// What a scalar means is decided by the key it stands at: `client_id: 0123` and `title: no` are text.
struct YAMLValue: Sendable {
    indirect enum Content: Sendable {
        /// Nothing, `~` or `null`.
        case null
        /// `isPlain`: written without quotes, so that it may also be a number or a boolean.
        case scalar(String, isPlain: Bool)
        case list([YAMLValue])
        /// In the order written; every key once.
        case map([YAMLEntry])
    }

    let content: Content
    let position: SourcePosition

    /// What it is, for "takes X, not Y".
    var kindName: String {
        switch content {
        case .null: "nothing"
        case .scalar: "text"
        case .list: "a list"
        case .map: "a map"
        }
    }

    var isNull: Bool { if case .null = content { true } else { false } }
    var text: String? { if case .scalar(let text, _) = content { text } else { nil } }
    var entries: [YAMLEntry]? { if case .map(let entries) = content { entries } else { nil } }

    /// The value at a key of a map, compared by bytes.
    func entry(_ key: String) -> YAMLEntry? {
        entries?.first { bytesEqual($0.key, key) }
    }
}

/// One key of a map with its value.
struct YAMLEntry: Sendable {
    let key: String
    let keyPosition: SourcePosition
    let value: YAMLValue
}
