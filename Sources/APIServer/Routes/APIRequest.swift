import HTTPTypes
import ToolAuthCore

/// A whole request, as the routes see it.
struct APIRequest: Sendable {
    let method: HTTPRequest.Method
    let target: RequestTarget
    let fields: HTTPFields
    let body: [UInt8]

    /// - Throws: `invalid-request` if there is a body: what is sent to no effect is a mistake worth hearing of.
    func refuseBody() throws(ToolAuthError) {
        guard body.isEmpty else {
            throw .invalidRequest(field: "body", "This request takes no body.")
        }
    }

    /// The query; parameters other than `names` are refused.
    func query(_ names: String...) throws(ToolAuthError) -> Query {
        try Query(target.query, allowing: names)
    }
}
