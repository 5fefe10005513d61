package import ToolAuthCore

/// Decides who may do what.
package protocol AccessPolicy: Sendable {
    /// Whether `peer` may do `action`.
    ///
    /// - Parameters:
    ///   - toolID: the tool it is about; nil: all, or not known yet.
    ///   - userID: the user it is about; nil: all, or not known yet.
    func allows(_ peer: Peer, _ action: Action, toolID: ToolID?, userID: UserID?) -> Bool
}
