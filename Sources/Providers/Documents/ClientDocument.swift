package import ToolAuthCore

/// An entry of `clients` in `toolauthd.yaml`: who may do what. Names of users and groups are looked up where the rules are
/// made of it.
package struct ClientDocument: Sendable, Equatable {
    /// The kinds of requests, as the API's table names them.
    package enum Action: String, Sendable, CaseIterable {
        case authorize, callback, token, refresh, delete, read, `import`, admin, events, status, metrics
    }

    package let name: String
    package let unit: String?
    package let user: String?
    package let group: String?
    package let uid: UInt32?
    package let actions: [Action]
    package let tools: [ByteGlob]
    package let users: [ByteGlob]
    /// Where it stands, for what is found wrong with it later.
    package let position: String

    /// Reads the list; what is wrong with it goes to `log`.
    ///
    /// - Returns: nil where there is no such key.
    static func list(_ document: Section, _ log: inout ProblemLog) -> [ClientDocument]? {
        guard let value = document.value("clients") else { return nil }
        guard case .list(let elements) = value.content else { return value.isNull ? [] : nil }
        var names: Set<String> = []
        return elements.enumerated().compactMap { index, element in
            let section = Section(value: element, position: element.position, key: "clients[\(index)]")
            guard let client = ClientDocument(section, &log) else { return nil }
            if !names.insert(client.name).inserted, let name = section.located("name") {
                log.error(at: name, "another rule has this name: the journal could not tell them apart")
            }
            return client
        }
    }

    private init?(_ section: Section, _ log: inout ProblemLog) {
        for key in ["match", "allow"] where section.value(key)?.isNull == true {
            // Nothing at all is easily a slip; everybody is to be said.
            guard let place = section.name(key) else { continue }
            log.error(at: place, key == "match" ? "is empty; for everybody, write match: {}" : "is empty")
        }
        guard let name = section.located("name"), let match = section.section("match"),
            let allow = section.section("allow")
        else { return nil }
        if ["root", "own-user", "socket-group"].contains(name.value) {
            log.error(at: name, "is the name of a rule that is built in; choose another")
        }
        self.name = name.value
        unit = match.text("unit")
        user = match.text("user")
        group = match.text("group")
        uid = match.integer("uid").flatMap { UInt32(exactly: $0) }
        if let unit = match.located("unit"), !unit.value.utf8.contains(UInt8(ascii: ".")) {
            log.error(at: unit, "is not the whole name of a unit; did you mean '\(unit.value).service'?")
        }
        actions = (allow.texts("actions") ?? []).compactMap(Action.init(rawValue:))
        tools = (allow.texts("tools") ?? []).map { ByteGlob($0) }
        users = (allow.texts("users") ?? []).map { ByteGlob($0) }
        position = "\(section.position)"
    }
}
