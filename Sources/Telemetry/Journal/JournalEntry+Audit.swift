import Logging
import ToolAuthCore

extension JournalEntry {
    /// The line that says who was handed whose token.
    package init(_ line: TokenAudit.Line) {
        let use: TokenUse
        let times: Int
        switch line {
        case .first(let first): (use, times) = (first, 1)
        case .again(let again, let count): (use, times) = (again, count)
        }
        let often =
            switch line {
            case .first: ""
            case .again: times == 1 ? " once more" : " \(times) times more"
            }
        let unit = use.peerUnit.map { ", \($0)" } ?? ""
        self.init(
            .tokenIssued, .info,
            "\(use.key.toolID): the token of \(use.key.userID) was handed to process \(use.peerPID) "
                + "(uid \(use.peerUID)\(unit)) by rule \(use.rule)\(often).")
        set(JournalField.tool, use.key.toolID.rawValue)
        set(JournalField.user, use.key.userID.rawValue)
        set(JournalField.generation, String(use.generation))
        set(JournalField.rule, use.rule)
        set(JournalField.peerPID, String(use.peerPID))
        set(JournalField.peerUID, String(use.peerUID))
        set(JournalField.peerUnit, use.peerUnit)
        set(JournalField.count, String(times))
    }
}
