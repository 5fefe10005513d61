import SocketAPI

/// The master keys, a row each, the newest last.
func keysTable(_ keys: KeysBody) -> Table {
    var table = Table([
        .init("KEY", least: 9), .init("STATE"), .init("GRANTS", .right), .init("REVOCATIONS", .right),
        .init("AUTHORIZATIONS", .right),
    ])
    for key in keys.keys {
        let (state, style): (String, Style) =
            key.seals ? ("seals", .green) : key.present ? ("opens", .plain) : ("missing", .red)
        table.add(
            .init(key.keyID, .bold), .init(state, style), .init(String(key.records["grants"] ?? 0)),
            .init(String(key.records["revocations"] ?? 0)), .init(String(key.records["authorizations"] ?? 0)))
    }
    return table
}

/// Where the keys come from, and what might be done next.
func keyLines(_ keys: KeysBody) -> [String] {
    let name = terminalSafe(keys.name)
    var lines = [keys.source == "credential" ? "From the credential \(name)." : "From the file \(name)."]
    let older = keys.keys.filter { !$0.seals && $0.present }
    if older.contains(where: \.sealsRecords) {
        lines.append("To seal everything with the newest key: toolauthctl keys rotate")
    }
    for key in older where !key.sealsRecords {
        lines.append(
            "Nothing needs \(terminalSafe(key.keyID)) but older backups: toolauthctl keys retire \(shellQuoted(key.keyID))"
        )
    }
    if keys.keys.contains(where: { !$0.present }) {
        lines.append("What a missing key has sealed does not open: put the key back, or let those users connect again.")
    }
    return lines
}

/// What came of retiring a key.
func retiredKeyLines(_ retired: RetiredKeyBody) -> [String] {
    let id = terminalSafe(retired.keyID)
    var lines = ["Retired: \(id). A backup made before now does not open without it."]
    if let file = retired.keptIn {
        lines.append("Its line is in \(terminalSafe(file)): keep that with those backups, and destroy both together.")
    }
    if let credential = retired.credential {
        lines.append(
            "The store does not need it any more. Take its line out of the credential \(terminalSafe(credential)), and keep "
                + "it with those backups.")
    }
    return lines
}

/// How far it is, with a bar.
func progressLine(_ rotation: KeyRotationBody) -> String {
    let done = min(rotation.resealed + rotation.undecryptable, rotation.total)
    return "\(progressBar(done, of: rotation.total)) \(done) of \(rotation.total) records"
}

/// A bar of 24 places, such as `[######                  ]`.
func progressBar(_ done: Int, of total: Int) -> String {
    let width = 24
    let filled = total <= 0 ? width : min(width, max(0, done) * width / total)
    return "[" + String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled) + "]"
}

/// How a rotation ended.
func rotationLines(_ rotation: KeyRotationBody) -> [String] {
    let key = terminalSafe(rotation.keyID ?? "the newest key")
    var lines = [
        rotation.resealed == 0
            ? "There was nothing to seal anew: \(key) has sealed all that opens."
            : "Sealed with \(key): \(rotation.resealed == 1 ? "1 record" : "\(rotation.resealed) records")."
    ]
    if rotation.undecryptable > 0 {
        lines.append(
            "Not opened by any key, and left as \(rotation.undecryptable == 1 ? "it is: 1 record" : "they are: \(rotation.undecryptable) records"). Their users "
                + "must connect again, or be deleted: toolauthctl auths")
    }
    return lines
}

extension KeyBody {
    fileprivate var sealsRecords: Bool { records.values.contains { $0 > 0 } }
}
