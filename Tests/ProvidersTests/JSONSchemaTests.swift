import FoundationEssentials
import TestSupport
import Testing

@testable import Providers

@Suite("The JSON Schemas of the configuration files")
struct JSONSchemaTests {
    @Test("as shipped are those of this version", arguments: JSONSchema.File.allCases)
    func shipped(file: JSONSchema.File) throws {
        let path = "\(repositoryRoot)/etc/toolauthd/schema/\(file.rawValue).schema.json"
        let text = String(decoding: try FileReader.read(path, limit: 1 << 20).bytes, as: UTF8.self)
        #expect(text == JSONSchema.text(file), "run: toolauthd --json-schema \(file.rawValue) >\(path)")
    }

    @Test("have every key that is supported, with what it means, and no other", arguments: JSONSchema.File.allCases)
    func keys(file: JSONSchema.File) throws {
        let schema = try JSONDecoder().decode(Node.self, from: Data(JSONSchema.text(file).utf8))
        switch file {
        case .toolauthd: expect(schema, DaemonSchema.document, "toolauthd")
        case .tools: expect(try #require(schema.additional), ToolSchema.document, "tools")
        case .providers: expect(try #require(schema.additional), ProviderSchema.document, "providers")
        }
    }

    /// What is looked at of a schema.
    private final class Node: Decodable {
        let description: String?
        let properties: [String: Node]?
        let items: Node?
        let anyOf: [Node]?
        /// The schema of the values of a map whose keys are anybody's.
        let additional: Node?

        private enum CodingKeys: CodingKey { case description, properties, items, anyOf, additionalProperties }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            description = try values.decodeIfPresent(String.self, forKey: .description)
            properties = try values.decodeIfPresent([String: Node].self, forKey: .properties)
            items = try values.decodeIfPresent(Node.self, forKey: .items)
            anyOf = try values.decodeIfPresent([Node].self, forKey: .anyOf)
            // False where there are to be no others.
            additional = try? values.decodeIfPresent(Node.self, forKey: .additionalProperties)
        }
    }

    private func expect(_ node: Node, _ schema: MapSchema, _ place: String) {
        let supported = schema.keys.filter { $0.support == .supported }
        #expect(Set((node.properties ?? [:]).keys) == Set(supported.map(\.name)), "\(place)")
        for key in supported {
            guard let property = node.properties?[key.name] else { continue }
            #expect(property.description?.isEmpty == false, "\(place).\(key.name)")
            expect(property, key.kind, "\(place).\(key.name)")
        }
    }

    private func expect(_ node: Node?, _ kind: ValueKind, _ place: String) {
        guard let node else {
            Issue.record("\(place) has no schema")
            return
        }
        switch kind {
        case .map(let schema): expect(node, schema, place)
        case .list(let element): expect(node.items, element, place)
        case .named(let element), .namedOrNull(let element): expect(node.additional, element, place)
        case .either(_, let schema): expect(node.anyOf?.last, .map(schema), place)
        case .oneOrMore(let element):
            #expect(node.anyOf?.count == 2, "\(place)")
            expect(node.anyOf?.first, element, place)
        case .anything, .text, .textOrEmpty, .template, .scalar, .endpoint, .path, .boolean, .integer, .number,
            .duration, .size, .choice:
            break
        }
    }
}
