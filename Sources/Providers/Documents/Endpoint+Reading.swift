import OAuth
import ToolAuthCore

// Each of these returns what it is called on, with all that a section says in place of what was there: so a refresh
// takes over the exchange's habits and changes some.

extension AuthorizationEndpoint {
    func taking(_ section: Section) -> Self {
        var result = self
        result.pkce = section.choice("pkce") ?? pkce
        result.scopeParameter = section.section("scope")?.text("parameter") ?? scopeParameter
        result.scopeSeparator = section.section("scope")?.text("separator") ?? scopeSeparator
        result.alwaysScopes = section.section("scope")?.texts("always") ?? alwaysScopes
        result.parameters = section.templates("parameters") ?? parameters
        result.rename.merge(section.renames) { $1 }
        result.codeParameter = section.section("callback")?.text("code") ?? codeParameter
        result.callbackMetadata = section.section("callback")?.texts("metadata") ?? callbackMetadata
        return result
    }
}

extension TokenEndpoint {
    func taking(_ section: Section) -> Self {
        var result = self
        result.method = section.choice("method") ?? method
        result.grantType = section.text("grant_type") ?? grantType
        result.clientAuthentication = section.choice("client_authentication") ?? clientAuthentication
        result.body = section.choice("body") ?? body
        result.parameters = section.templates("parameters") ?? parameters
        for entry in section.entries("headers") ?? [] {
            guard let text = entry.value.text else { continue }
            // The name of a header has no case: an inherited `accept` gives way to `Accept`.
            for name in result.headers.keys where name.lowercased() == entry.key.lowercased() {
                result.headers[name] = nil
            }
            result.headers[entry.key] = text
        }
        result.rename.merge(section.renames) { $1 }
        if let reply = section.section("response") { result.response = response.taking(reply) }
        return result
    }
}

extension TokenResponseFormat {
    func taking(_ section: Section) -> Self {
        var result = self
        result.at = section.oneOrMore("at") ?? at
        result.accessToken = section.text("access_token") ?? accessToken
        result.refreshToken = section.text("refresh_token") ?? refreshToken
        result.tokenType = section.text("token_type") ?? tokenType
        result.tokenTypes = section.texts("token_types") ?? tokenTypes
        result.expiry = expiry.taking(section.section("expiry"))
        result.refreshExpiry = refreshExpiry.taking(section.section("refresh_expiry"))
        result.scope = section.section("scope")?.text("from") ?? scope
        result.scopeSeparator = section.section("scope")?.text("separator") ?? scopeSeparator
        result.metadata = section.texts("metadata") ?? metadata
        result.success = section.texts("success")?.compactMap(ScalarForms.integer) ?? success
        if let mark = section.section("failed_when"), let path = mark.text("path"), let value = mark.value("equals") {
            result.failedWhen = FailureMark(path: path, equals: value.jsonText)
        }
        result.error = section.oneOrMore("error") ?? error
        result.transientStatuses =
            section.texts("transient_status")?.compactMap(ScalarForms.integer) ?? transientStatuses
        result.grantRejected = section.texts("grant_rejected") ?? grantRejected
        result.clientRejected = section.texts("client_rejected") ?? clientRejected
        result.clientRejectedStatuses =
            section.texts("client_rejected_status")?.compactMap(ScalarForms.integer) ?? clientRejectedStatuses
        result.transient = section.texts("transient") ?? transient
        result.encoding = section.choice("format") ?? encoding
        return result
    }
}

extension TokenResponseFormat.Expiry {
    fileprivate func taking(_ section: Section?) -> Self {
        Self(from: section?.text("from") ?? from, form: section?.choice("is") ?? form)
    }
}

extension Section {
    fileprivate func templates(_ name: String) -> [String: Template]? {
        guard let entries = entries(name) else { return nil }
        var templates: [String: Template] = [:]
        for entry in entries { templates[entry.key] = entry.value.text.flatMap { try? Template($0) } }
        return templates
    }

    fileprivate var renames: [String: String?] {
        var renames: [String: String?] = [:]
        for entry in entries("rename") ?? [] { renames.updateValue(entry.value.text, forKey: entry.key) }
        return renames
    }
}

extension YAMLValue {
    /// A scalar as JSON: a plain boolean or number as such, all else as a string.
    fileprivate var jsonText: String {
        guard case .scalar(let text, let isPlain) = content else { return "null" }
        if isPlain, let boolean = ScalarForms.boolean(text) { return "\(boolean)" }
        if isPlain, ScalarForms.integer(text) != nil || ScalarForms.number(text) != nil { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
