package import ToolAuthCore

/// The tool id that `text` is; a test that names none is wrong itself.
package func toolID(_ text: String) -> ToolID {
    guard let id = ToolID(text) else { preconditionFailure("\(text) is no tool id") }
    return id
}

/// The user id that `text` is; a test that names none is wrong itself.
package func userID(_ text: String) -> UserID {
    guard let id = UserID(text) else { preconditionFailure("\(text) is no user id") }
    return id
}
