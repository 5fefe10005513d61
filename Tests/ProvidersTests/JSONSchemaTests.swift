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
    func keys(file: JSONSchema.File) {
        let text = JSONSchema.text(file)
        let document = [
            JSONSchema.File.toolauthd: DaemonSchema.document, .tools: ToolSchema.document,
            .providers: ProviderSchema.document,
        ][file]
        for key in document?.keys ?? [] {
            let isThere = text.contains("\"\(key.name)\" : {")
            #expect(isThere == (key.support == .supported), "\(key.name)")
        }
    }
}
