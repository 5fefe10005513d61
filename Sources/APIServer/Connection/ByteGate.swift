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
        // The last byte goes by itself: if a request ends, it either ends with it, or another one has begun.
        let count = bytes.readableBytes - 1
        if count > 0, let first = bytes.readSlice(length: count) { pass(first, context) }
        pass(bytes, context)
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
