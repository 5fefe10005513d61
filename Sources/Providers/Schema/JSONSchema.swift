import FoundationEssentials

/// The formats of the configuration files as JSON Schema (draft-07, which editors of YAML read), made of the same keys that
/// the daemon checks them by.
package enum JSONSchema {
    package enum File: String, Sendable, CaseIterable {
        /// `toolauthd.yaml`.
        case toolauthd
        /// `tools.d/*.yaml`.
        case tools
        /// `providers.d/*.yaml`.
        case providers
    }

    /// The schema of a kind of file, as indented JSON that ends in a newline.
    package static func text(_ file: File) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // It is made of texts, numbers, lists and maps alone.
        let data = (try? encoder.encode(schema(file))) ?? Data()
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    private static func schema(_ file: File) -> JSONSchemaNode {
        switch file {
        case .toolauthd:
            document(DaemonSchema.document.jsonSchema(mayBeNull: false), "toolauthd.yaml")
        case .tools:
            document(named(ToolSchema.document.jsonSchema(mayBeNull: false)), "Tools of toolauthd, by their ids")
        case .providers:
            // In a document that extends another, null takes a key out.
            document(
                named(ProviderSchema.document.jsonSchema(mayBeNull: true)), "Provider documents of toolauthd, by name")
        }
    }

    private static func document(_ content: JSONSchemaNode, _ title: String) -> JSONSchemaNode {
        content.adding(["$schema": .text("http://json-schema.org/draft-07/schema#"), "title": .text(title)])
    }

    private static func named(_ content: JSONSchemaNode) -> JSONSchemaNode {
        .map([
            "type": .text("object"), "propertyNames": .map(["pattern": .text("^[a-z0-9][a-z0-9_-]{0,63}$")]),
            "additionalProperties": content,
        ])
    }
}

extension MapSchema {
    /// - Parameter mayBeNull: whether this may lie over another document: null then takes a key out, and what is required
    ///   may stand there.
    func jsonSchema(mayBeNull: Bool) -> JSONSchemaNode {
        let isOverlay = mayBeNull || mayExtend
        var properties: [String: JSONSchemaNode] = [:]
        for key in keys where key.support == .supported {
            let schema = key.kind.jsonSchema(mayBeNull: isOverlay)
            properties[key.name] = schema.adding(["description": .text(key.summary)])
        }
        let required = keys.filter(\.isRequired).map { JSONSchemaNode.text($0.name) }
        var schema: [String: JSONSchemaNode] = [
            "type": .type(["object"], mayBeNull), "properties": .map(properties), "additionalProperties": .flag(false),
        ]
        if !required.isEmpty, !isOverlay { schema["required"] = .list(required) }
        return .map(schema)
    }
}

extension ValueKind {
    private static let scalars = ["string", "number", "boolean"]

    fileprivate func jsonSchema(mayBeNull: Bool) -> JSONSchemaNode {
        switch self {
        case .anything: .map([:])
        // Every plain scalar is taken for the text it is written as.
        case .text, .textOrEmpty, .template, .scalar: .map(["type": .type(Self.scalars, mayBeNull)])
        case .endpoint, .path: .map(["type": .type(["string"], mayBeNull)])
        case .boolean: .map(["type": .type(["boolean"], mayBeNull)])
        case .integer(let range):
            .map([
                "type": .type(["integer"], mayBeNull), "minimum": .number(Double(range.lowerBound)),
                "maximum": .number(Double(range.upperBound)),
            ])
        case .number(let range):
            .map([
                "type": .type(["number"], mayBeNull), "maximum": .number(range.upper),
                range.isLowerExcluded ? "exclusiveMinimum" : "minimum": .number(range.lower),
            ])
        case .duration: .map(["type": .type(["string"], mayBeNull), "pattern": .text("^[0-9]+(ms|s|m|h|d)$")])
        case .size:
            .map(["type": .type(["integer", "string"], mayBeNull), "pattern": .text("^[0-9]+(KiB|MiB)?$")])
        case .choice(let words, _):
            .map(["enum": .list(words.map { .text($0) } + (mayBeNull ? [.null] : []))])
        case .list(let element):
            .map(["type": .type(["array"], true), "items": element.jsonSchema(mayBeNull: false)])
        case .named(let element):
            .map([
                "type": .type(["object"], true), "additionalProperties": element.jsonSchema(mayBeNull: mayBeNull),
            ])
        case .namedOrNull(let element):
            .map(["type": .type(["object"], true), "additionalProperties": element.jsonSchema(mayBeNull: true)])
        case .map(let schema): schema.jsonSchema(mayBeNull: mayBeNull)
        case .either(let short, let schema):
            .map([
                "anyOf": .list([
                    short.jsonSchema(mayBeNull: mayBeNull), schema.jsonSchema(mayBeNull: mayBeNull),
                ])
            ])
        case .oneOrMore(let element):
            .map([
                "anyOf": .list([
                    element.jsonSchema(mayBeNull: mayBeNull), ValueKind.list(element).jsonSchema(mayBeNull: false),
                ])
            ])
        }
    }
}
