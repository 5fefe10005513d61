import HTTPTypes
import NIOCore
import NIOHTTP1
import ToolAuthCore

/// A whole request, as the routes see it.
struct APIRequest: Sendable {
    let method: HTTPTypes.HTTPRequest.Method
    let target: RequestTarget
    let body: [UInt8]
    private let headers: HTTPHeaders

    /// - Parameter head: with its target in origin form.
    init(_ head: HTTPRequestHead, _ body: ByteBuffer?) {
        // Methods that the decoder knows are tokens.
        method = HTTPTypes.HTTPRequest.Method(head.method.rawValue) ?? .get
        target = RequestTarget(head.uri)
        headers = head.headers
        self.body = body.map { Array($0.readableBytesView) } ?? []
    }

    var fields: HTTPFields {
        var fields = HTTPFields()
        for (name, value) in headers {
            // Names that the decoder lets through are tokens.
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        return fields
    }

    /// The values of `Accept`; nil: it was not sent.
    var accept: String? {
        let values = headers["Accept"]
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

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
