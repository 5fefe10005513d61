package import ToolAuthCore

/// Where the browser goes once a flow has ended.
package enum FrontendRedirect {
    package enum Result: String, Sendable { case connected, failed }

    /// Parameters of the last step; a target that has one already could tell of another end.
    private static let appended = ["tool_id", "result", "error"]

    /// Checks a target that a caller asks for against the tool's patterns. A pattern that is none allows nothing.
    ///
    /// - Throws: ``ToolAuthError`` (`invalid-request`, field `frontend_redirect`).
    package static func check(_ target: String, patterns: [String]) throws(ToolAuthError) {
        let url: FrontendURL
        do throws(InvalidURL) { url = try FrontendURL(target) } catch {
            throw .invalidRequest(field: "frontend_redirect", "the URL \(error.detail)")
        }
        let names = FormURLEncoding.decode((url.query ?? "").utf8)?.map(\.name)
        guard let names, !names.contains(where: appended.contains) else {
            throw .invalidRequest(
                field: "frontend_redirect", "its query may not have tool_id, result or error, which are appended to it")
        }
        let isAllowed = patterns.contains { pattern in (try? RedirectPattern(pattern))?.allows(url) ?? false }
        guard isAllowed else {
            throw .invalidRequest(
                field: "frontend_redirect", "this tool does not allow it; see frontend_redirects in the tool's file")
        }
    }

    /// `target` with `tool_id`, `result` and, where there is one, `error` appended; its own query is kept.
    ///
    /// - Returns: nil where `target` has a fragment, which ``check(_:patterns:)`` does not let through.
    package static func url(_ target: String, toolID: ToolID, result: Result, error: String? = nil) -> String? {
        var pairs = [(name: "tool_id", value: toolID.rawValue), (name: "result", value: result.rawValue)]
        if let error { pairs.append((name: "error", value: error)) }
        return URLQuery.append(pairs, to: target)
    }
}
