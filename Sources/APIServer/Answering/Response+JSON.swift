import HTTPTypes
import NIOCore
import ToolAuthCore

extension Response {
    /// An answer with a JSON body.
    ///
    /// - Throws: what encoding throws; none of the API's own bodies does.
    static func json(
        _ body: some Encodable, status: HTTPResponse.Status = .ok, generation: Int64? = nil
    ) throws -> Response {
        bytes(try JSONBytes.encode(body), status: status, type: "application/json", generation: generation)
    }

    /// - Parameter generation: of the record it shows, for `ETag`.
    static func bytes(
        _ body: ByteBuffer, status: HTTPResponse.Status = .ok, type: String, generation: Int64? = nil
    ) -> Response {
        var response = Response(status: status, headers: .always, body: .bytes(body))
        response.headers[.contentType] = type
        if let generation { response.headers[.eTag] = EntityTag.encode(generation) }
        return response
    }

    static var noContent: Response { Response(status: .noContent, headers: .always) }

    static func problem(_ error: ToolAuthError) -> Response {
        let answer = ProblemAnswer(error)
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: answer.fields,
            body: .bytes(answer.body))
    }
}

extension HTTPFields {
    /// On every answer: tokens, and what is known of them, are nobody's to keep.
    static var always: HTTPFields { [.cacheControl: "no-store"] }
}
