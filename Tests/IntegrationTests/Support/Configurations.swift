import FoundationEssentials
import TestSupport
import ToolAuthCore

let alice = userID("alice")
let bob = userID("bob")

/// Documents for tools at test providers.
enum Configurations {
    /// A tool at a provider described inline.
    ///
    /// - Parameter refresh: the provider's `refresh`, in YAML's flow style.
    static func tool(
        _ name: String = "mail", at provider: ProviderProcess, refresh: String = "{rotation: single_use}",
        authentication: String = "client_secret_basic", more: String = ""
    ) -> String {
        let info = provider.info
        let revocation = info.revocationEndpoint.map { "    revocation: {endpoint: \"\($0)\"}\n" } ?? ""
        return """
            \(name):
              client_id: "\(info.clientID)"
              client_secret: "\(info.clientSecret)"
              scopes: [read, write]
              redirect_uris: ["\(info.redirectURIs[0])"]
              frontend_redirects: ["https://app.example.com/*"]
              allow_http_loopback: true
              \(info.caFile.map { "tls: {ca_file: \"\($0)\"}" } ?? "")
            \(more)
              provider:
                issuer: "\(info.issuer)"
                authorization: {endpoint: "\(info.authorizationEndpoint)"}
                token: {endpoint: "\(info.tokenEndpoint)", client_authentication: \(authentication)}
                refresh: \(refresh)
            \(revocation)
            """
    }

    static let daemon = "allow_inline_secrets: true\nlog: {level: debug}\n"

    /// A document of the catalogue, its endpoints those of a test provider and nothing else changed.
    static func catalogued(_ name: String, at provider: ProviderProcess) throws -> String {
        let path = "\(repositoryRoot)/etc/toolauthd/providers.d/\(name).yaml"
        var document = try String(contentsOfFile: path, encoding: .utf8)
        let info = provider.info
        let real: [String: [(String, String?)]] = [
            "google": [
                ("https://accounts.google.com/o/oauth2/v2/auth", info.authorizationEndpoint),
                ("https://oauth2.googleapis.com/token", info.tokenEndpoint),
                ("https://oauth2.googleapis.com/revoke", info.revocationEndpoint),
                ("issuer: https://accounts.google.com", "issuer: \(info.issuer)"),
            ],
            "slack": [
                ("https://slack.com/oauth/v2/authorize", info.authorizationEndpoint),
                ("https://slack.com/api/oauth.v2.access", info.tokenEndpoint),
            ],
            "github": [
                ("https://github.com/login/oauth/authorize", info.authorizationEndpoint),
                ("https://github.com/login/oauth/access_token", info.tokenEndpoint),
            ],
            "microsoft": [
                (
                    "https://login.microsoftonline.com/${connection.tenant}/oauth2/v2.0/authorize",
                    info.authorizationEndpoint
                ),
                ("https://login.microsoftonline.com/${connection.tenant}/oauth2/v2.0/token", info.tokenEndpoint),
            ],
        ]
        for (address, replacement) in real[name] ?? [] {
            guard let replacement, document.contains(address) else {
                throw DaemonProcess.StartFailure(description: "\(name).yaml has no \(address)")
            }
            document = document.split(separator: "\n", omittingEmptySubsequences: false)
                .map { line in
                    guard !line.drop(while: { $0 == " " }).hasPrefix("#"), line.hasSuffix(address) else {
                        return String(line)
                    }
                    return line.dropLast(address.count) + replacement
                }
                .joined(separator: "\n")
        }
        return document
    }

    /// A tool of a catalogued provider.
    static func tool(_ name: String, of catalogued: String, scopes: String, at provider: ProviderProcess) -> String {
        let info = provider.info
        return """
            \(name):
              provider: \(catalogued)
              client_id: "\(info.clientID)"
              client_secret: "\(info.clientSecret)"
              scopes: \(scopes)
              redirect_uris: ["\(info.redirectURIs[0])"]
              allow_http_loopback: true
              tls: {ca_file: "\(info.caFile ?? "")"}
            """
    }
}
