// A file of tool documents, and what stands before a line `---8<---` in it as toolauthd.yaml.
import ConfigurationFiles
import FuzzSupport
import Providers

let files = ConfigurationFiles()
files.write(
    "providers.d/input.yaml",
    """
    example:
      title: Example
      connection:
        tenant: {description: yours, pattern: "[a-z0-9]{1,20}"}
        site: {default: eu, pattern: "[a-z]+"}
      authorization:
        endpoint: "https://${connection.tenant}.example.com/authorize"
        parameters: {prompt: consent, site: "${connection.site}"}
      token: {endpoint: "https://${connection.tenant}.example.com/token"}
      refresh_token: {rotation: single_use, lifetime: 30d}
    simple:
      authorization: {endpoint: "https://auth.example.com/authorize"}
      token: {endpoint: "https://auth.example.com/token"}
    machine:
      issuer: "https://issuer.example.com"
      token: {client_authentication: client_secret_post}
      refresh: {how: reacquire}

    """.utf8)

let separator = Array("---8<---\n".utf8)

/// Whether the canary stands once, as the value of `client_secret`: there it must not be shown. In other places it is a name
/// or a value that somebody misspelt, and is told.
func standsForASecret(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\n").filter { Canary.isIn(String($0)) }
    guard lines.count == 1, let line = lines.first else { return lines.isEmpty }
    return line == "  client_secret: \(Canary.text)"
}

fuzz { input in
    let bytes = input.rest
    let cut = bytes.firstRange(of: separator)
    files.write("toolauthd.yaml", bytes[..<(cut?.lowerBound ?? 0)])
    files.write("tools.d/input.yaml", bytes[(cut?.upperBound ?? 0)...])
    files.load(mayShow: !standsForASecret(bytes))
}
