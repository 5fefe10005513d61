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

extension HTTPResponseHead {
    /// With the length of the body, where it is known and may be told (RFC 9110 §8.6).
    init(_ response: Response) {
        var headers = HTTPHeaders()
        headers.reserveCapacity(response.headers.count + 2)
        for field in response.headers { headers.add(name: field.name.rawName, value: field.value) }
        if case .bytes(let bytes) = response.body, response.status != .noContent {
            headers.add(name: "Content-Length", value: String(bytes.readableBytes))
        }
        self.init(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status.code), headers: headers)
    }
}
