/// Who asked for something that is written down with his name.
package struct Administrator: Sendable, Equatable {
    /// nil: the kernel would not say.
    package let uid: UInt32?
    package let pid: Int32?
    /// The rule that let him.
    package let rule: String

    package init(uid: UInt32?, pid: Int32?, rule: String) {
        self.uid = uid
        self.pid = pid
        self.rule = rule
    }
}
