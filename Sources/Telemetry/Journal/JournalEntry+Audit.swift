import Logging
import ToolAuthCore

extension JournalEntry {
    /// The line that says who was handed whose token.
    package init(_ line: TokenAudit.Line) {
        let use: TokenUse
        let times: Int
        let often: String
        var process: String?
        var crowd: Int?
        switch line {
        case .first(let first):
            (use, times, often) = (first, 1, "")
            process = "process \(use.peerPID)"
        case .again(let again, let count):
            (use, times, often) = (again, count, count == 1 ? " once more" : " \(count) times more")
            process = "process \(use.peerPID)"
        case .crowd(let one, let processes, let count):
            (use, times, often) = (one, count, count == 1 ? " once" : " \(count) times")
            crowd = processes
        }
        let unit = use.peerUnit.map { ", \($0)" } ?? ""
        let peer = process ?? (crowd == 1 ? "1 more process" : "\(crowd ?? 0) more processes")
        self.init(
            .tokenIssued, .info,
            "\(use.key.toolID): the token of \(use.key.userID) was handed to \(peer) "
                + "(uid \(use.peerUID)\(unit)) by rule \(use.rule)\(often).")
        set(JournalField.tool, use.key.toolID.rawValue)
        set(JournalField.user, use.key.userID.rawValue)
        set(JournalField.generation, String(use.generation))
        set(JournalField.rule, use.rule)
        if let crowd {
            set(JournalField.processes, String(crowd))
        } else {
            set(JournalField.peerPID, String(use.peerPID))
        }
        set(JournalField.peerUID, String(use.peerUID))
        set(JournalField.peerUnit, use.peerUnit)
        set(JournalField.count, String(times))
    }
}
