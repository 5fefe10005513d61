import NIOCore

/// Stands at the listening socket: enters whom it accepts in the registry, and closes it at shutdown, after everyone it
/// accepted is set up. Whoever is not accepted by then waits for the next process in the kernel's queue.
final class ListenerGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    /// Asks the gate to look whether it may close.
    struct Check: Sendable {}

    private let registry: ConnectionRegistry

    init(_ registry: ConnectionRegistry) {
        self.registry = registry
    }

    func handlerAdded(context: ChannelHandlerContext) {
        registry.attach(listener: context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        registry.enter(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        if !registry.isQuiescing { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is Check else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        if registry.canCloseListener { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        context.fireChannelInactive()
        registry.listenerClosed()
    }
}
