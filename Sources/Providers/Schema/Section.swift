import ToolAuthCore

/// Reads values of a map that was held against its schema. Missing and ill-formed values are nil: the check has told
/// of the latter.
struct Section: Sendable {
    let value: YAMLValue
    /// Where the name of the map stands.
    let position: SourcePosition
    let key: String

    /// The section at a key; nil where there is none.
    func section(_ name: String) -> Section? {
        guard let entry = value.entry(name), entry.value.entries != nil else { return nil }
        return Section(value: entry.value, position: entry.keyPosition, key: path(name))
    }

    func value(_ name: String) -> YAMLValue? { value.entry(name)?.value }

    /// Where a key stands, for what is wrong with all of its value; nil where it is absent.
    func name(_ name: String) -> Located<String>? {
        value.entry(name).map { Located(value: name, position: $0.keyPosition, key: path(name)) }
    }

    func located(_ name: String) -> Located<String>? {
        guard let value = value(name), let text = value.text else { return nil }
        return Located(value: text, position: value.position, key: path(name))
    }

    func text(_ name: String) -> String? { value(name)?.text }
    func boolean(_ name: String) -> Bool? { text(name).flatMap(ScalarForms.boolean) }
    func integer(_ name: String) -> Int? { text(name).flatMap(ScalarForms.integer) }
    func number(_ name: String) -> Double? { text(name).flatMap(ScalarForms.number) }
    func duration(_ name: String) -> Duration? { text(name).flatMap(ScalarForms.duration) }
    func size(_ name: String) -> Int? { text(name).flatMap(ScalarForms.size) }

    func choice<Choice: RawRepresentable<String>>(_ name: String) -> Choice? {
        text(name).flatMap(Choice.init(rawValue:))
    }

    /// The texts of a list; nil where the key is absent.
    func texts(_ name: String) -> [String]? { locatedTexts(name)?.map(\.value) }

    /// The text, or the texts of a list; nil where the key is absent.
    func oneOrMore(_ name: String) -> [String]? { text(name).map { [$0] } ?? texts(name) }

    func locatedTexts(_ name: String) -> [Located<String>]? {
        guard let value = value(name) else { return nil }
        guard case .list(let elements) = value.content else { return value.isNull ? [] : nil }
        return elements.enumerated().compactMap { index, element in
            element.text.map { Located(value: $0, position: element.position, key: "\(path(name))[\(index)]") }
        }
    }

    /// The entries of a map whose keys are names of the writer's; nil where the key is absent.
    func entries(_ name: String) -> [YAMLEntry]? {
        guard let value = value(name) else { return nil }
        return value.entries ?? (value.isNull ? [] : nil)
    }

    func path(_ name: String) -> String { SchemaCheck.join(key, name) }
}
