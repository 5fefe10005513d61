import HTTPTypes
import NIOCore
import NIOHTTP1

/// An answer, complete or yet to be written bit by bit.
struct Response: Sendable {
    enum Body: Sendable {
        case bytes(ByteBuffer)
        /// Ends when the closure returns; if it throws, the connection ends with it.
        case stream(@Sendable (BodyWriter) async throws -> Void)
    }

    var status: HTTPResponse.Status
    /// Without `Content-Length`, which follows from the body.
    var headers: HTTPFields
    var body: Body

    init(status: HTTPResponse.Status, headers: HTTPFields, body: Body = .bytes(ByteBuffer())) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Where a stream is written to.
struct BodyWriter: Sendable {
    let channel: any Channel

    /// Returns when the kernel has taken all of it: a slow reader is waited for.
    ///
    /// - Throws: when the client is gone.
    func write(_ bytes: ByteBuffer) async throws {
        try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(bytes))).get()
    }
}

extension Response {
    /// All header fields, with the length of the body where it is known and may be told (RFC 9110 §8.6).
    fileprivate func forEachField(_ body: (_ name: String, _ value: String) -> Void) {
        for field in headers { body(field.name.rawName, field.value) }
        if case .bytes(let bytes) = self.body, status != .noContent {
            body("Content-Length", String(bytes.readableBytes))
        }
    }

    /// The answer as it goes over the wire, where the connection goes on after it.
    ///
    /// - Parameter content: the bytes of its body.
    func bytes(with content: ByteBuffer) -> ByteBuffer {
        var bytes = ByteBufferAllocator().buffer(capacity: 512)
        bytes.writeString("HTTP/1.1 \(status)\r\n")
        forEachField { bytes.writeString("\($0): \($1)\r\n") }
        bytes.writeString("\r\n")
        bytes.writeImmutableBuffer(content)
        return bytes
    }
}

extension HTTPResponseHead {
    init(_ response: Response) {
        var headers = HTTPHeaders()
        headers.reserveCapacity(response.headers.count + 2)
        response.forEachField { headers.add(name: $0, value: $1) }
        self.init(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status.code), headers: headers)
    }
}
