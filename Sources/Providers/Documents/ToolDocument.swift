import OAuth
import ToolAuthCore

/// One integration as the administrator configured it.
struct ToolDocument: Sendable {
    enum Provider: Sendable {
        case named(Located<String>)
        case inline(ProviderDocument)
    }

    var id: ToolID
    var title: String
    var provider: Provider
    var clientID: String
    var clientSecrets: [SecretReference]
    /// Where `client_secret` stands.
    var clientSecretKey: Located<String>?
    var scopes: [String]
    var optionalScopes: [String]
    var extraParameters: [String]
    var redirectURIs: [String]
    var frontendRedirects: [String]
    var connection: [Located<(name: String, value: String)>]
    var policy: PolicyDocument
    var caFile: Located<String>?
    var proxy: String?
    var allowsHTTPLoopback: Bool
    var allowsPrivateAddresses: Bool
    /// Where its id stands.
    var position: SourcePosition
}

extension ToolDocument {
    /// Reads a document.
    ///
    /// - Parameter catalogue: the provider documents, one of which it names, or extends inline.
    /// - Returns: nil if anything is wrong with it; `log` tells what.
    static func read(
        id: ToolID, _ entry: YAMLEntry, _ catalogue: ProviderCatalogue, _ log: inout ProblemLog
    ) -> ToolDocument? {
        var own = ProblemLog()
        defer { log.add(own.problems) }
        let key = id.rawValue
        guard let entry = extended(entry, key: key, catalogue.sources, &own) else { return nil }
        SchemaCheck.map(entry.value, ToolSchema.document, named: entry.keyPosition, key: key, &own)
        let section = Section(value: entry.value, position: entry.keyPosition, key: key)
        let provider = readProvider(id, section, &own)
        let scopes = names(section, "scopes", &own)
        let optionalScopes = names(section, "optional_scopes", &own)
        for scope in section.locatedTexts("optional_scopes") ?? [] where scopes.contains(scope.value) {
            own.error(at: scope, "'\(scope.value)' is among 'scopes' already")
        }
        let extraParameters = names(section, "extra_parameters", &own)
        let redirects = section.locatedTexts("redirect_uris") ?? []
        let needsUser = needsUser(section, provider, catalogue)
        if section.value("redirect_uris") == nil, needsUser {
            own.error(at: entry.keyPosition, key: section.path("redirect_uris"), "'redirect_uris' is missing")
        }
        checkRedirects(redirects, section, needsUser: needsUser, &own)
        checkFrontends(section, &own)
        for name in section.locatedTexts("extra_parameters") ?? [] where StandardParameters.names.contains(name.value) {
            own.error(at: name, "'\(name.value)' is a parameter of the protocol, which no caller sets")
        }
        let secrets = SecretReference.read(section, &own)
        let proxy = section.located("proxy").flatMap { ProxyURL.check($0, &own) }
        guard !own.hasErrors, let provider, let clientID = section.text("client_id") else { return nil }
        return ToolDocument(
            id: id, title: section.text("title") ?? key, provider: provider, clientID: clientID, clientSecrets: secrets,
            clientSecretKey: section.value("client_secret").map {
                Located(value: "client_secret", position: $0.position, key: section.path("client_secret"))
            },
            scopes: scopes, optionalScopes: optionalScopes,
            extraParameters: extraParameters, redirectURIs: redirects.map(\.value),
            frontendRedirects: section.texts("frontend_redirects") ?? [],
            connection: (section.entries("connection") ?? []).compactMap { item in
                item.value.text.map { text in
                    let key = SchemaCheck.join(section.path("connection"), item.key)
                    return Located(value: (item.key, text), position: item.value.position, key: key)
                }
            },
            policy: section.section("refresh").map(PolicyDocument.init) ?? PolicyDocument(),
            caFile: section.section("tls")?.located("ca_file"), proxy: proxy,
            allowsHTTPLoopback: section.boolean("allow_http_loopback") ?? false,
            allowsPrivateAddresses: section.boolean("allow_private_addresses") ?? false, position: entry.keyPosition)
    }

    /// The document with what its inline provider extends merged into it.
    private static func extended(
        _ entry: YAMLEntry, key: String, _ sources: ProviderSources, _ log: inout ProblemLog
    ) -> YAMLEntry? {
        guard let entries = entry.value.entries, let index = entries.firstIndex(where: { $0.key == "provider" }),
            entries[index].value.entry("extends") != nil
        else { return entry }
        let provider = entries[index]
        let path = SchemaCheck.join(key, provider.key)
        guard let merged = sources.extended(provider.value, key: path, name: nil, &log) else { return nil }
        var changed = entries
        changed[index] = YAMLEntry(key: provider.key, keyPosition: provider.keyPosition, value: merged)
        return YAMLEntry(
            key: entry.key, keyPosition: entry.keyPosition,
            value: YAMLValue(content: .map(changed), position: entry.value.position))
    }

    private static func readProvider(_ id: ToolID, _ section: Section, _ log: inout ProblemLog) -> Provider? {
        if let name = section.located("provider") { return .named(name) }
        guard let inline = section.section("provider") else { return nil }
        var document = ProblemLog()
        let provider = ProviderDocument.read(
            name: id.rawValue, inline.value, named: inline.position, key: inline.key, &document)
        // What does not fit the schema was told with the tool; each problem is told once.
        log.add(document.problems.filter { !log.problems.contains($0) })
        return provider.map(Provider.inline)
    }

    /// Whether somebody has to be sent to the provider and back.
    private static func needsUser(_ section: Section, _ provider: Provider?, _ catalogue: ProviderCatalogue) -> Bool {
        if let how = section.section("refresh")?.text("how") { return how != RefreshPolicy.Method.reacquire.rawValue }
        switch provider {
        case .inline(let document): return document.policy.method != .reacquire
        case .named(let name):
            guard case .usable(let document)? = catalogue.entries[name.value] else { return true }
            return document.policy.method != .reacquire
        case nil: return true
        }
    }

    private static func checkRedirects(
        _ redirects: [Located<String>], _ section: Section, needsUser: Bool, _ log: inout ProblemLog
    ) {
        if redirects.isEmpty, needsUser, let value = section.value("redirect_uris"),
            value.isNull || value.kindName == "a list"
        {
            log.error(at: value, key: section.path("redirect_uris"), "names none; the first is the default")
        }
        for redirect in redirects {
            do throws(InvalidURL) { try RedirectURI.check(redirect.value) } catch {
                log.error(at: redirect, error.detail)
            }
        }
    }

    private static func checkFrontends(_ section: Section, _ log: inout ProblemLog) {
        for pattern in section.locatedTexts("frontend_redirects") ?? [] {
            do throws(InvalidURL) {
                _ = try RedirectPattern(pattern.value)
                let site =
                    pattern.value.utf8.last == UInt8(ascii: "*") ? String(pattern.value.dropLast()) : pattern.value
                let url = try EndpointURL(site)
                if url.scheme != .https, !AddressRules.isLoopback(url.host) { log.error(at: pattern, "is not https") }
            } catch {
                log.error(at: pattern, error.detail)
            }
        }
    }

    /// The texts of a list, each once and without spaces: scopes and parameter names have none (RFC 6749 §3.3).
    private static func names(_ section: Section, _ name: String, _ log: inout ProblemLog) -> [String] {
        var names: [String] = []
        for text in section.locatedTexts(name) ?? [] {
            if text.value.utf8.contains(UInt8(ascii: " ")) {
                log.error(at: text, "'\(text.value)' has a space in it; write each in a line of its own")
            } else if names.contains(where: { bytesEqual($0, text.value) }) {
                log.error(at: text, "'\(text.value)' is listed twice")
            } else {
                names.append(text.value)
            }
        }
        return names
    }
}
