import ToolAuthCore

extension ToolID {
    /// - Throws: `invalid-request` about `field`.
    static func parse(_ text: String, field: String) throws(ToolAuthError) -> ToolID {
        guard let id = ToolID(text) else {
            throw .invalidRequest(
                field: field, "A tool id is 1 to 64 of a-z, 0-9, _ and -, beginning with a letter or digit.")
        }
        return id
    }
}

extension UserID {
    /// - Throws: `invalid-request` about `field`.
    static func parse(_ text: String, field: String) throws(ToolAuthError) -> UserID {
        guard let id = UserID(text) else {
            throw .invalidRequest(
                field: field, "A user id is 1 to 255 bytes of UTF-8 without control characters, and not . or ...")
        }
        return id
    }
}
