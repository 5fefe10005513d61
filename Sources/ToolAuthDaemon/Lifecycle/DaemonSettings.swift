import APIServer
import FoundationEssentials
import Glibc
import Logging
import OAuth
import Providers
import Refresh
import SQLiteStore
import Systemd
import ToolAuthCore

/// What the arguments, the environment and the configuration directory say together.
struct DaemonSettings: Sendable {
    /// The credential that holds the master keys.
    static let keyCredential = "toolauthd.key"
    /// The store's file in its directory.
    static let storeName = "toolauthd.db"

    let loaded: LoadedConfiguration
    let configurationDirectory: String
    let stateDirectory: String
    let socketPath: String?
    /// Whether somebody named a socket, which one of the service manager's overrides.
    let namesSocket: Bool
    private let usesStandardState: Bool
    private let credentials: CredentialDirectory?

    /// Whether the service manager handed credentials to this process.
    var hasCredentials: Bool { credentials != nil }

    var configuration: DaemonConfiguration { loaded.daemon }

    /// - Throws: ``DaemonFailure`` (`configuration`) if `toolauthd.yaml` is bad.
    init(_ options: DaemonOptions) throws(DaemonFailure) {
        let environment = ProcessInfo.processInfo.environment
        let paths = DaemonPaths.standard(environment: environment, userID: geteuid())
        configurationDirectory = Self.absolute(options.configuration ?? paths.configuration)
        credentials = CredentialDirectory.fromEnvironment()
        let catalogue = CatalogueLocation.first(
            of: CatalogueLocation.candidates(
                option: options.catalogue, environment: environment, executablePath: Self.executablePath))
        do throws(ConfigurationError) {
            var loaded = try ConfigurationLoader.load(
                directory: configurationDirectory, catalogue: catalogue,
                secretSource: UnitSecrets(credentials: credentials))
            loaded.problems += Self.withoutDocument(DaemonProgram.providers, loaded, in: configurationDirectory)
            self.loaded = loaded
        } catch {
            throw DaemonFailure(.configuration, error.description)
        }
        stateDirectory = try Self.stateDirectory(options, loaded.daemon, paths)
        usesStandardState = stateDirectory == paths.state
        socketPath = options.socket.map(Self.absolute) ?? loaded.daemon.socket.path ?? paths.socket
        namesSocket = options.socket != nil || loaded.daemon.socket.path != nil
    }

    /// A provider's own type is asked for tools of the document of its name: without one it never is, and its tools would
    /// go by another document alone.
    private static func withoutDocument(
        _ custom: [String: CustomProvider], _ loaded: LoadedConfiguration, in directory: String
    ) -> [ConfigurationProblem] {
        let known = Set(loaded.providers.map(\.name))
        return custom.keys.filter { !known.contains($0) }.sorted(by: bytesPrecede).map { name in
            ConfigurationProblem(
                at: SourcePosition(file: "\(directory)/providers.d"), key: name,
                "this program brings its own authentication for a provider of this name, and there is no document of it "
                    + "that can be used; add \(name).yaml")
        }
    }

    private static func stateDirectory(
        _ options: DaemonOptions, _ daemon: DaemonConfiguration, _ paths: DaemonPaths
    ) throws(DaemonFailure) -> String {
        if let named = options.state { return absolute(named) }
        guard let store = daemon.storePath else { return paths.state }
        let suffix = "/" + storeName
        guard store.hasSuffix(suffix), store.utf8.count > suffix.utf8.count else {
            throw DaemonFailure(
                .configuration, "store: the file of the store is named \(storeName), so \(store) cannot be it.")
        }
        return String(store.dropLast(suffix.count))
    }

    /// To be called before a store is made.
    func prepareStateDirectory() {
        if usesStandardState, geteuid() != 0 { Self.makeParents(of: stateDirectory) }
    }

    /// A new account has no `~/.local/state` yet; whoever needs a base directory makes it, mode 0700 (XDG Base Directory
    /// Specification). Failing shows when the state directory itself is to be made.
    private static func makeParents(of directory: String) {
        let parent = directory.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
        try? FileManager.default.createDirectory(
            atPath: parent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Relative to where the daemon was started.
    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        return FileManager.default.currentDirectoryPath + "/" + path
    }

    private static var executablePath: String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }

    /// Where the master keys are: the unit's credential, else a file.
    ///
    /// - Throws: ``DaemonFailure`` (`configuration`) if there is a credential that cannot be read.
    func keySource() throws(DaemonFailure) -> KeySource {
        do throws(CredentialError) {
            if let credential = try credentials?.read(Self.keyCredential) {
                return .credential(name: Self.keyCredential, credential)
            }
        } catch {
            throw DaemonFailure(.configuration, error.description)
        }
        return .file(configuration.keysFile ?? stateDirectory + "/master.key")
    }

    /// Credentials that tools name and the service manager did not pass: it passes new ones only when the unit starts.
    var missingCredentials: Set<String> {
        loaded.credentials.filter { name in
            guard let credentials else { return true }
            return (try? credentials.read(name)) == nil
        }
    }

    var logLevel: Logger.Level { Logger.Level(rawValue: configuration.logLevel.rawValue) ?? .info }

    var apiLimits: APILimits {
        var limits = APILimits()
        limits.maxConnections = configuration.limits.connections
        limits.maxConnectionsPerPeer = configuration.limits.connectionsPerPeer
        limits.maxRequestRatePerPeer = configuration.limits.requestsPerSecondPerPeer
        limits.maxBodySize = configuration.limits.body
        return limits
    }

    /// How long a probe of an endpoint that could not be reached may take.
    private static let probeTimeout: Duration = .seconds(10)

    /// Every tool that was found, usable or not.
    ///
    /// - Parameters:
    ///   - discovery: outlives reloads, and with it what issuers said.
    ///   - custom: providers with an authentication type of their own, by name.
    ///   - kept: clients that are not made anew, so that what they remember goes on.
    func tools(
        transport: any HTTPTransport, clock: any WallClock, discovery: Discovery, custom: [String: CustomProvider],
        kept: [ToolID: Tool.Client] = [:]
    ) -> [Tool] {
        let usable = loaded.tools.map { tool in
            if let client = kept[tool.id] {
                return Tool(id: tool.id, title: tool.title, provider: tool.provider, client: client, obstacle: nil)
            }
            let authentication = OAuth2Authentication(
                configuration: tool.oauth2, transport: transport, clock: clock, discovery: discovery)
            return Tool(
                id: tool.id, title: tool.title, provider: tool.provider,
                client: Tool.Client(
                    authentication, custom: custom[tool.provider], endpoint: tool.endpoint,
                    probeTimeout: Self.probeTimeout),
                obstacle: nil)
        }
        let unusable = loaded.unavailable.compactMap { tool in
            tool.toolID.map { id in
                Tool(
                    id: id, title: tool.title ?? id.rawValue, provider: tool.provider ?? "unknown", client: nil,
                    obstacle: ToolObstacle(isPaused: false, detail: tool.reason))
            }
        }
        return usable + unusable
    }
}

/// Client secrets from the credentials that the service manager hands to the unit.
private struct UnitSecrets: SecretSource {
    let credentials: CredentialDirectory?

    func credential(named name: String) throws(SecretFailure) -> Secret? {
        do throws(CredentialError) {
            return try credentials?.read(name)
        } catch {
            throw SecretFailure(error.description)
        }
    }
}
