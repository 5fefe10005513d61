import FoundationEssentials

/// This machine, as machine-id(5) names it.
enum MachineID {
    /// nil where there is none, as in some containers.
    static func read() -> String? {
        guard let text = try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8) else { return nil }
        let id = text.prefix { !$0.isWhitespace }
        return id.isEmpty ? nil : String(id)
    }
}
