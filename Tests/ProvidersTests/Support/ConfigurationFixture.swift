import Glibc
import Providers
import TestSupport
import ToolAuthCore

/// Credentials and environment variables as a test wants them.
struct FixedSecrets: SecretSource {
    var credentials: [String: String] = [:]
    var environment: [String: String] = [:]
    var broken: Set<String> = []

    func credential(named name: String) throws(SecretFailure) -> Secret? {
        if broken.contains(name) { throw SecretFailure("cannot be read: Input/output error") }
        return credentials[name].map { Secret($0) }
    }

    func environmentVariable(named name: String) -> Secret? { environment[name].map { Secret($0) } }
}

/// A configuration directory that a test fills and loads.
struct ConfigurationFixture {
    let directory: TemporaryDirectory
    var secrets = FixedSecrets(credentials: ["example": "s3cret"])
    var catalogue: String?

    init() {
        do { directory = try TemporaryDirectory() } catch { fatalError("no temporary directory: \(error)") }
    }

    static var shippedCatalogue: String { "\(repositoryRoot)/etc/toolauthd/providers.d" }

    /// Readable by nobody else, lest secrets in it be a reason to warn.
    func write(_ name: String, _ text: String, mode: mode_t = 0o640) { write(name, Array(text.utf8), mode: mode) }

    func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o640) {
        do { try directory.write(bytes, to: name, mode: mode) } catch { fatalError("cannot write \(name): \(error)") }
    }

    func load() throws -> LoadedConfiguration {
        try ConfigurationLoader.load(directory: directory.path, catalogue: catalogue, secretSource: secrets)
    }

    /// The problems as they are told, without the directory.
    func problems() throws -> [String] {
        try load().problems.map { told($0.description) }
    }

    func told(_ text: String) -> String {
        var result = text
        while let range = result.firstRange(of: "\(directory.path)/") { result.removeSubrange(range) }
        return result
    }
}

/// A provider document that has all it must have.
let plainProvider = """
    example:
      authorization: {endpoint: "https://auth.example.com/authorize"}
      token: {endpoint: "https://auth.example.com/token"}

    """

/// A tool document that has all it must have.
let plainTool = """
    tool:
      provider: example
      client_id: client
      redirect_uris: ["https://app.example.com/callback"]

    """
