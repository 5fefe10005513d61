/// Reads a configuration directory: `toolauthd.yaml`, `providers.d/*.yaml` and `tools.d/*.yaml`, all of them optional.
package enum ConfigurationLoader {
    /// - Parameters:
    ///   - directory: absolute; need not exist.
    ///   - catalogue: the directory of the provider documents as shipped; nil: there are none.
    /// - Throws: ``ConfigurationError`` for `toolauthd.yaml` alone. What is wrong in a tool or provider file makes its
    ///   own tools unavailable and no others.
    package static func load(
        directory: String, catalogue: String?, secretSource: any SecretSource
    ) throws(ConfigurationError) -> LoadedConfiguration {
        let daemon = try daemon(in: directory)
        let providers = ProviderCatalogue(
            directories: [catalogue, Paths.join(directory, "providers.d")].compactMap { $0 })
        let builder = ToolBuilder(
            daemon: daemon, catalogue: providers,
            secrets: SecretResolver(
                directory: directory, source: secretSource, allowsInline: daemon.allowsInlineSecrets))
        var set = ToolSet()
        for file in ConfigurationDirectory.files(in: Paths.join(directory, "tools.d"), &set.problems) {
            set.add(file, builder)
        }
        return LoadedConfiguration(
            daemon: daemon, tools: set.tools, unavailable: set.unavailable,
            providers: providers.summaries(callback: daemon.callbackAddress),
            problems: (providers.problems + set.problems).inFileOrder, credentials: set.credentials)
    }

    private static func daemon(in directory: String) throws(ConfigurationError) -> DaemonConfiguration {
        let path = Paths.join(directory, "toolauthd.yaml")
        let bytes: [UInt8]
        do throws(FileReader.Failure) {
            bytes = try FileReader.read(path, limit: DocumentFile.longest).bytes
        } catch {
            if error.isMissing { return DaemonConfiguration() }
            let problem = ConfigurationProblem(at: SourcePosition(file: path), key: "", error.detail)
            throw ConfigurationError(problems: [problem])
        }
        var log = ProblemLog()
        var daemon = DaemonConfiguration()
        do throws(ConfigurationProblem) {
            if let value = try YAMLReader.read(bytes, file: path) {
                daemon = DaemonConfiguration(value, directory: directory, &log)
            }
        } catch {
            log.add([error])
        }
        guard !log.hasErrors else { throw ConfigurationError(problems: log.sorted) }
        return daemon
    }
}
