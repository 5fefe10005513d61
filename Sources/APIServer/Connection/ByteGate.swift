import NIOCore

/// Stands between the socket and the HTTP decoder, and tells the connection what passes: the decoder alone knows where a
/// request ends, but says nothing of one that is half here.
final class ByteGate: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        connection.opened()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if !connection.state.isReceiving, Self.isOneHead(bytes.readableBytesView) { return pass(bytes, context) }
        // The last byte goes by itself: if a request ends, it either ends with it, or another one has begun.
        let count = bytes.readableBytes - 1
        if count > 0, let first = bytes.readSlice(length: count) { pass(first, context) }
        pass(bytes, context)
    }

    /// Whether bytes that begin a request are the whole head of it and nothing else: then no other one begins in them. Long
    /// ones are not looked at.
    static func isOneHead(_ bytes: ByteBufferView) -> Bool {
        bytes.withUnsafeBytes { bytes in
            guard (4...4096).contains(bytes.count) else { return false }
            let isEnd = { (index: Int) in
                bytes[index] == 0x0d && bytes[index + 1] == 0x0a && bytes[index + 2] == 0x0d && bytes[index + 3] == 0x0a
            }
            let last = bytes.count - 4
            return isEnd(last) && !(0..<last).contains(where: isEnd)
        }
    }

    private func pass(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard !connection.state.isInputOver else { return }
        if !connection.state.isReceiving { connection.hasTarget = false }
        connection.hasTarget = connection.hasTarget || bytes.readableBytesView.contains(UInt8(ascii: "\n"))
        connection.state.received(now: .now())
        context.fireChannelRead(wrapInboundOut(bytes))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        connection.rearm()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        connection.written += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        connection.noteUnread()
        connection.rearm()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        connection.cancelTimer()
    }
}
