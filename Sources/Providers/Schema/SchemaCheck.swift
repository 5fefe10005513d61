import OAuth
import ToolAuthCore

/// Holds a document against its schema and tells everything that does not fit.
enum SchemaCheck {
    /// - Parameter position: where the map's own name stands: missing keys are told there.
    static func map(
        _ value: YAMLValue, _ schema: MapSchema, named position: SourcePosition, key: String, _ log: inout ProblemLog
    ) {
        guard let entries = entries(value, key: key, &log) else { return }
        for entry in entries {
            let path = join(key, entry.key)
            guard let known = schema.key(entry.key) else {
                let hint = suggestion(entry.key, among: schema.keys.map(\.name))
                log.error(at: entry.keyPosition, key: path, "unknown key '\(entry.key)'\(hint)")
                continue
            }
            guard case .supported = known.support else {
                log.error(at: entry.keyPosition, key: path, "'\(entry.key)' is not supported by this version")
                continue
            }
            check(entry.value, known.kind, named: entry.keyPosition, key: path, &log)
        }
        for missing in schema.keys where missing.isRequired && value.entry(missing.name) == nil {
            log.error(at: position, key: join(key, missing.name), "'\(missing.name)' is missing")
        }
    }

    static func check(
        _ value: YAMLValue, _ kind: ValueKind, named position: SourcePosition, key: String, _ log: inout ProblemLog
    ) {
        switch kind {
        case .anything:
            break
        case .map(let schema):
            map(value, schema, named: position, key: key, &log)
        case .either(let short, let schema):
            if value.entries != nil {
                map(value, schema, named: position, key: key, &log)
            } else {
                check(value, short, named: position, key: key, &log)
            }
        case .list(let element):
            list(value, element, key: key, &log)
        case .oneOrMore(let element):
            if case .list = value.content {
                list(value, element, key: key, &log)
            } else {
                check(value, element, named: position, key: key, &log)
            }
        case .named(let element), .namedOrNull(let element):
            var mayBeNull = false
            if case .namedOrNull = kind { mayBeNull = true }
            for entry in entries(value, key: key, &log) ?? [] where !(mayBeNull && entry.value.isNull) {
                check(entry.value, element, named: entry.keyPosition, key: join(key, entry.key), &log)
            }
        default:
            scalar(value, kind, key: key, &log)
        }
    }

    /// ` (did you mean 'x'?)`, or nothing.
    static func suggestion(_ unknown: String, among known: [String]) -> String {
        nearestNames(to: unknown, among: known).first.map { " (did you mean '\($0)'?)" } ?? ""
    }

    static func join(_ key: String, _ name: String) -> String { key.isEmpty ? name : "\(key).\(name)" }

    /// The entries of a map. Nothing at all, as is left when all of it is commented out, is an empty map.
    private static func entries(_ value: YAMLValue, key: String, _ log: inout ProblemLog) -> [YAMLEntry]? {
        if value.isNull { return [] }
        if let entries = value.entries { return entries }
        log.error(at: value, key: key, "takes a map, not \(value.kindName)")
        return nil
    }

    private static func list(_ value: YAMLValue, _ element: ValueKind, key: String, _ log: inout ProblemLog) {
        switch value.content {
        case .null: break
        case .list(let elements):
            for (index, item) in elements.enumerated() {
                check(item, element, named: item.position, key: "\(key)[\(index)]", &log)
            }
        default: log.error(at: value, key: key, "takes a list, not \(value.kindName)")
        }
    }
}
