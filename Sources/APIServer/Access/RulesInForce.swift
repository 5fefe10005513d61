import Synchronization
import ToolAuthCore

/// The access rules of this moment; a reload puts others in their place.
package final class RulesInForce: Sendable {
    private let rules: Locked<AccessRules>
    private let changes = Atomic<Int>(0)

    package init(_ rules: AccessRules) {
        self.rules = Locked(rules)
    }

    package var current: AccessRules { rules.withLock { $0 } }

    /// Counts up with each change, so that whoever keeps what the rules said knows whether it still holds.
    var revision: Int { changes.load(ordering: .acquiring) }

    /// Takes others. Requests that arrive from now on are judged by them, also over connections that were there before.
    package func replace(_ others: AccessRules) {
        rules.withLock { $0 = others }
        changes.add(1, ordering: .releasing)
    }
}
