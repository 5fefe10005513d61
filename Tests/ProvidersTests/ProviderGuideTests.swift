import OAuth
import TestSupport
import Testing
import ToolAuthCore

@testable import Providers

@Suite("The guide for provider documents")
struct ProviderGuideTests {
    private func blocks(_ info: String) throws -> [String] { try fencedBlocks(of: "docs/providers.md", info) }

    @Test("has documents that are right")
    func documents() throws {
        let fixture = ConfigurationFixture()
        for (index, block) in try blocks("yaml").enumerated() { fixture.write("providers.d/\(index).yaml", block) }
        let loaded = try fixture.load()
        #expect(loaded.problems.map(\.description) == [])
        #expect(loaded.providers.map(\.name) == ["acme", "robots", "shops"])
    }

    @Test("has tools that are right")
    func tools() throws {
        var fixture = ConfigurationFixture()
        fixture.catalogue = ConfigurationFixture.shippedCatalogue
        fixture.secrets.credentials["secrets_sso"] = "x"
        fixture.write("gmail-secret", "x\n")
        for (index, block) in try blocks("yaml tool").enumerated() { fixture.write("tools.d/\(index).yaml", block) }
        let loaded = try fixture.load()
        #expect(loaded.problems.filter { $0.severity == .error }.map(\.description) == [])
        #expect(loaded.tools.map(\.id.rawValue) == ["gmail", "sso"])
        let gmail = loaded.tools.first?.oauth2
        #expect(gmail?.authorization.parameters["hd"] == "example.com")
        #expect(gmail?.authorization.parameters["access_type"] == "offline")
    }

    @Test("has every template that there is")
    func templates() throws {
        let path = "\(repositoryRoot)/docs/providers.md"
        let text = String(decoding: try FileReader.read(path, limit: 1 << 20).bytes, as: UTF8.self)
        for name in TemplateCheck.ofRequests + ["connection.NAME", "metadata.NAME"] {
            #expect(text.contains("`${\(name)}`"), "\(name)")
        }
    }
}
