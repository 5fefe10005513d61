import OAuth
import ToolAuthCore

/// What parameters and headers of a document must not do.
enum RequestRules {
    /// The request a section is about.
    enum Kind {
        case authorization, exchange, upgrade, refresh

        /// Parameters of the protocol that the daemon sets; a server may have its own names for them.
        fileprivate var standard: [String] {
            let client = ["client_id", "client_secret"]
            return switch self {
            case .authorization:
                [
                    "response_type", "client_id", "redirect_uri", "code_challenge", "code_challenge_method", "nonce",
                    "login_hint", "prompt",
                ]
            case .exchange: ["grant_type", "code", "redirect_uri", "code_verifier"] + client
            case .upgrade: ["grant_type", "access_token"] + client
            case .refresh: ["grant_type", "refresh_token", "access_token"] + client
            }
        }
    }

    /// Without these there is no safe request, so a document neither sets, renames nor leaves them out.
    private static let untouchable = ["state"]
    private static let indispensable = [
        "code", "refresh_token", "access_token", "code_challenge", "code_challenge_method", "code_verifier",
    ]
    /// Headers that the daemon and libcurl set.
    private static let ownHeaders = [
        "authorization", "content-type", "content-length", "cookie", "host", "transfer-encoding", "connection",
        "expect",
    ]

    /// - Parameters:
    ///   - section: the request's.
    ///   - former: the section whose `rename` holds where this one has none.
    ///   - predecessors: the sections whose `client_authentication` holds where this one has none, the nearest first.
    static func check(
        _ section: Section, _ kind: Kind, renamedAs former: Section? = nil,
        authenticatedAs predecessors: [Section?] = [], _ log: inout ProblemLog
    ) {
        checkRenames(section, kind, &log)
        let authentication = ([section] + predecessors).lazy.compactMap { $0?.text("client_authentication") }.first
        checkParameters(section, kind, former, authentication: authentication, &log)
        if kind != .authorization { checkPlace(section, &log) }
        for entry in section.entries("headers") ?? [] {
            let key = SchemaCheck.join(section.path("headers"), entry.key)
            if ownHeaders.contains(entry.key.lowercased()) {
                log.error(at: entry.keyPosition, key: key, "the header '\(entry.key)' is set by the daemon")
            } else if entry.key.isEmpty || !entry.key.utf8.allSatisfy(isTokenCharacter) {
                log.error(at: entry.keyPosition, key: key, "'\(entry.key)' is no name of a header")
            } else if let text = entry.value.text,
                text.contains("${") || !text.utf8.allSatisfy({ (0x20...0x7e).contains($0) })
            {
                log.error(at: entry.value, key: key, "takes ASCII text without '${'")
            }
        }
    }

    private static func checkPlace(_ section: Section, _ log: inout ProblemLog) {
        guard section.text("method") == "get", let body = section.located("body"), body.value != "query" else { return }
        log.error(at: body, "has no effect: with method get all parameters go in the query")
    }

    private static func checkRenames(_ section: Section, _ kind: Kind, _ log: inout ProblemLog) {
        // Only a refresh without a user has scopes of its own accord.
        let known = kind.standard + (kind == .refresh ? ["scope"] : [])
        for entry in section.entries("rename") ?? [] {
            let key = SchemaCheck.join(section.path("rename"), entry.key)
            if kind == .authorization, entry.key == "scope" {
                log.error(at: entry.keyPosition, key: key, "is set by 'scope: {parameter: …}'")
            } else if untouchable.contains(entry.key) {
                log.error(at: entry.keyPosition, key: key, "'\(entry.key)' cannot be renamed or left out")
            } else if !known.contains(entry.key) {
                let hint = SchemaCheck.suggestion(entry.key, among: known)
                log.error(at: entry.keyPosition, key: key, "'\(entry.key)' is no parameter of this request\(hint)")
            } else if entry.value.isNull, indispensable.contains(entry.key) {
                let hint = entry.key.hasPrefix("code_") ? "; write 'pkce: none'" : ""
                log.error(at: entry.value, key: key, "'\(entry.key)' cannot be left out\(hint)")
            }
        }
    }

    /// No parameter twice (RFC 6749 §3.1): what the daemon sets cannot be set here, unless it was renamed or left out.
    private static func checkParameters(
        _ section: Section, _ kind: Kind, _ former: Section?, authentication: String?, _ log: inout ProblemLog
    ) {
        // A provider may insist on a prompt, or have a default for a hint: the caller's is put with it.
        var taken = Set(kind.standard).subtracting(["prompt", "login_hint"]).union(untouchable)
        if kind == .authorization { taken.insert(section.section("scope")?.text("parameter") ?? "scope") }
        // Beside HTTP Basic the id is not in the body, where some want it too.
        if kind != .authorization, authentication == "client_secret_basic" { taken.remove("client_id") }
        for entry in (former?.entries("rename") ?? []) + (section.entries("rename") ?? []) {
            taken.remove(entry.key)
            if let name = entry.value.text { taken.insert(name) }
        }
        for entry in section.entries("parameters") ?? [] where taken.contains(entry.key) {
            let key = SchemaCheck.join(section.path("parameters"), entry.key)
            let hint = entry.key == "grant_type" ? "; its value is given by 'grant_type' beside 'parameters'" : ""
            log.error(at: entry.keyPosition, key: key, "'\(entry.key)' is set by the daemon\(hint)")
        }
    }

    /// RFC 9110 §5.6.2.
    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
