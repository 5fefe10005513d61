/// A reply, whole.
package struct Reply: Sendable, Equatable {
    package let head: ReplyHead
    package let body: [UInt8]
    /// Whether another request may follow on the same connection.
    package let allowsReuse: Bool

    package var status: Int { head.status }

    package init(head: ReplyHead, body: [UInt8], allowsReuse: Bool) {
        self.head = head
        self.body = body
        self.allowsReuse = allowsReuse
    }
}

/// Why bytes are no reply, in words without any of the bytes: they may be secret.
package struct ReplyFault: Error, Equatable {
    package let detail: String

    package init(_ detail: String) {
        self.detail = detail
    }
}
