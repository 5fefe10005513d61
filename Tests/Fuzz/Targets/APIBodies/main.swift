// Requests of the socket API that have a body or a query: `route\n`, a letter; `query\n`; `header:value\n`, or
// an empty line; and the body.
import FuzzSupport
import HTTPTypes
import NIOCore
import NIOHTTP1
import OAuth

@testable import APIDesk
@testable import APIServer

/// Around the colon.
func split(_ field: String) -> (name: String, value: String) {
    let name = field.utf8.prefix { $0 != UInt8(ascii: ":") }
    let value = field.utf8.dropFirst(name.count + 1).drop { $0 == UInt8(ascii: " ") }
    return (String(name) ?? "", String(value) ?? "")
}

func names(of value: JSONValue) -> [String] {
    switch value {
    case .object(let members): members.flatMap { [$0.key] + names(of: $0.value) }
    case .array(let elements): elements.flatMap(names)
    case .null, .bool, .number, .string: []
    }
}

fuzz { input in
    var input = input
    let (method, path) = input.choice(of: [
        (HTTPMethod.POST, "/v1/tools/gmail/users/alice/authorize"), (.POST, "/v1/callback"),
        (.PUT, "/v1/tools/gmail/users/alice"), (.POST, "/v1/tools/gmail/resume"),
        (.POST, "/v1/tools/gmail/users/alice/refresh"), (.DELETE, "/v1/tools/gmail/users/alice"), (.GET, "/v1/auths"),
        (.GET, "/v1/tools"), (.GET, "/v1/tools/gmail/users/alice/token"),
    ])
    _ = input.line()
    let query = input.line()
    let field = input.line()
    let bytes = input.rest

    var fields: HTTPHeaders = ["Host": "localhost", "Content-Type": "application/json"]
    if !field.isEmpty {
        let (name, value) = split(field)
        // What the decoder refuses never comes here.
        guard HTTPField.Name(name) != nil, HTTPField.isValidValue(value) else { return }
        fields.add(name: name, value: value)
    }
    let head = HTTPRequestHead(
        version: .http1_1, method: method, uri: query.isEmpty ? path : "\(path)?\(query)", headers: fields)
    // Nor what the gate refuses.
    guard case .success(let checked) = RequestHeadCheck.check(head, APILimits()) else { return }
    let request = APIRequest(checked, ByteBuffer(bytes: bytes))
    // Names are told, since somebody misspelt them; values never are.
    // A body that breaks off after them has names, too.
    let text = String(decoding: bytes, as: UTF8.self)
    if text.matches(of: /"((?:[^"\\]|\\.)*)"\s*:/).contains(where: { Canary.isIn(String($0.output.1)) }) { return }
    if let body = JSONValue(parsing: bytes), names(of: body).contains(where: Canary.isIn) { return }
    APIDesk.check(APIDesk.answer(request), to: request)
}
