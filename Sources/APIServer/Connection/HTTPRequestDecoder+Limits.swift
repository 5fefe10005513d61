import NIOHTTP1

extension HTTPRequestDecoder {
    /// The decoder of one connection.
    convenience init(_ limits: APILimits) {
        // Its own limits only bound what it keeps; the gate measures, and tells target from headers.
        let size = limits.maxTargetSize + limits.maxHeadersSize
        var bounds = NIOHTTPDecoderLimitConfiguration()
        bounds.maxHeaderFieldSize = size
        bounds.maxHeaderListSize = size
        bounds.maxHeaderFieldCount = limits.maxHeaderCount
        self.init(leftOverBytesStrategy: .dropBytes, limitConfiguration: bounds)
    }
}
