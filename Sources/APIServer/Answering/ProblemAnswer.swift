import FoundationEssentials
import HTTPTypes
import NIOCore
import SocketAPI
import ToolAuthCore

/// The answer to a request that failed: `application/problem+json` (RFC 9457).
struct ProblemAnswer {
    let status: Int
    /// All header fields except the length.
    let fields: HTTPFields
    let body: ByteBuffer

    init(_ error: ToolAuthError) {
        let problem = ProblemBody(error)
        status = error.code.httpStatus
        var fields: HTTPFields = .always
        fields[.contentType] = "application/problem+json"
        if let retryAfter = problem.retryAfter { fields[.retryAfter] = String(retryAfter) }
        self.fields = fields
        // Strings and whole numbers always encode; should they ever not, the status says enough.
        body = (try? JSONBytes.encode(problem)) ?? ByteBuffer()
    }
}
