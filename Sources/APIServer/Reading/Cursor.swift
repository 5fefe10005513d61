import FoundationEssentials
import ToolAuthCore

/// Where the next page of a list begins: after this grant. Opaque to clients.
enum Cursor {
    static func encode(_ key: ToolAuthKey) -> String {
        let text = Data("\(key.toolID)/\(key.userID)".utf8).base64EncodedString()
        return String(text.compactMap { ["+": "-", "/": "_", "=": nil][$0, default: $0] })
    }

    /// - Throws: `invalid-request` for anything that is not from ``encode(_:)``.
    static func decode(_ text: String) throws(ToolAuthError) -> ToolAuthKey {
        var base64 = String(text.map { ["-": "+", "_": "/"][$0, default: $0] })
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: base64), let slash = data.firstIndex(of: UInt8(ascii: "/")),
            let tool = String(validating: data[..<slash], as: UTF8.self).flatMap(ToolID.init),
            let user = String(validating: data[(slash + 1)...], as: UTF8.self).flatMap(UserID.init)
        else { throw .invalidRequest(field: "cursor", "The cursor is not one that a page of this list gave out.") }
        return ToolAuthKey(tool, user)
    }
}
