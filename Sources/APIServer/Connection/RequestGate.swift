import HTTPTypes
import NIOCore
import NIOHTTP1
import ToolAuthCore

/// Stands between the HTTP decoder and the routes: collects each request whole, refuses what is malformed or too large,
/// has one request answered at a time and in order, and ends the connection after the last answer.
final class RequestGate: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Next {
        case request(HTTPRequestHead, ByteBuffer?)
        case refusal(ToolAuthError)
    }

    private let connection: Connection
    private let answer: (APIRequest) -> Answer
    private let onEnd: () -> Void
    private var receiving: (head: HTTPRequestHead, body: ByteBuffer?)?
    /// Whether the client waits for `100 Continue` before it sends the body it announced.
    private var owesContinue = false
    private var queue = CircularBuffer<Next>(initialCapacity: 0)
    /// Whether the connection ends after the answer being made.
    private var closesAfterAnswer = false
    private var heldRead = false
    private var hasClientEnded = false
    /// Whether a task is at work for this connection.
    private var isWorking = false
    private var isOver = false

    /// Why the connection is refused before it asks anything; to be set before it is read from.
    var refusal: ToolAuthError?

    /// - Parameters:
    ///   - answer: called on the event loop.
    ///   - onEnd: called once, when the connection is closed and nothing is done for it any more.
    init(
        _ connection: Connection, answer: @escaping (APIRequest) -> Answer, onEnd: @escaping () -> Void
    ) {
        self.connection = connection
        self.answer = answer
        self.onEnd = onEnd
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        if let refusal { refuse(refusal, context) }
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !connection.state.isInputOver else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            switch RequestHeadCheck.check(head, connection.limits) {
            case .success(let head):
                receiving = (head, nil)
                owesContinue = RequestHeadCheck.expectsContinue(head)
                payContinue(context)
            case .failure(let error): refuse(error, context)
            }
        case .body(var bytes):
            guard receiving != nil else { return }
            if receiving?.body?.writeBuffer(&bytes) == nil { receiving?.body = bytes }
            if receiving?.body?.readableBytes ?? 0 > connection.limits.maxBodySize {
                refuse(RequestHeadCheck.bodyTooLarge(connection.limits), context)
            }
        case .end:
            guard let request = receiving else { return }
            receiving = nil
            owesContinue = false
            queue.append(.request(request.head, request.body))
            connection.state.completed()
            next(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            context.close(promise: nil)
            return
        }
        refuse(RequestHeadCheck.problem(error, hasTarget: connection.hasTarget, connection.limits), context)
    }

    /// Queues a refusal behind the requests already here; nothing after it can be read.
    private func refuse(_ error: ToolAuthError, _ context: ChannelHandlerContext) {
        guard !connection.state.isInputOver else { return }
        receiving = nil
        queue.append(.refusal(error))
        connection.state.completed()
        connection.state.endInput()
        next(context)
    }

    private func payContinue(_ context: ChannelHandlerContext) {
        guard owesContinue, !connection.state.isAnswering, queue.isEmpty else { return }
        owesContinue = false
        context.writeAndFlush(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
    }

    func read(context: ChannelHandlerContext) {
        if connection.state.holdsReads {
            heldRead = true
        } else {
            context.read()
        }
    }

    // MARK: Answering

    /// Hands on the next request unless one is being answered; closes where there is none to come.
    private func next(_ context: ChannelHandlerContext) {
        if connection.state.isFinished {
            context.close(promise: nil)
            return
        }
        if !connection.state.isAnswering, let next = queue.popFirst() {
            connection.state.began()
            switch next {
            case .request(let head, let body): handOn(head, body, context)
            case .refusal(let error): write(error, context)
            }
        }
        payContinue(context)
        if heldRead, !connection.state.holdsReads {
            heldRead = false
            context.read()
        }
    }

    private func handOn(_ head: HTTPRequestHead, _ body: ByteBuffer?, _ context: ChannelHandlerContext) {
        // Neither an upgrade nor a tunnel is granted, but the decoder has stopped for it.
        closesAfterAnswer = !head.isKeepAlive || head.headers.contains(name: "Upgrade") || head.method == .CONNECT
        let isHead = head.method == .HEAD
        switch answer(APIRequest(head, body)) {
        case .ready(let response):
            send(response, isHead: isHead, context)
        case .later(let operation):
            work(context) { gate in
                let response = await operation()
                return { gate.value.send(response, isHead: isHead, $0) }
            }
        }
    }

    /// Lets a task work for the connection, away from its event loop; it goes on where the client is gone.
    ///
    /// - Parameter body: returns what is to be done afterwards.
    private func work(
        _ context: ChannelHandlerContext,
        _ body: @escaping @Sendable (NIOLoopBound<RequestGate>) async -> @Sendable (ChannelHandlerContext) -> Void
    ) {
        isWorking = true
        let eventLoop = context.eventLoop
        let (gate, bound) = (NIOLoopBound(self, eventLoop: eventLoop), NIOLoopBound(context, eventLoop: eventLoop))
        Task {
            let finish = await body(gate)
            eventLoop.execute {
                gate.value.isWorking = false
                if gate.value.isOver { gate.value.onEnd() } else { finish(bound.value) }
            }
        }
    }

    private func write(_ error: ToolAuthError, _ context: ChannelHandlerContext) {
        let response = Response.problem(error)
        connection.metrics.answered(APIMetrics.noRoute, status: response.status.code, since: nil)
        send(response, isHead: false, context)
    }

    private func send(_ response: Response, isHead: Bool, _ context: ChannelHandlerContext) {
        let head = HTTPResponseHead(response)
        write(context: context, data: NIOAny(HTTPServerResponsePart.head(head)), promise: nil)
        switch response.body {
        case .bytes(let bytes):
            if !isHead, bytes.readableBytes > 0 {
                write(context: context, data: NIOAny(HTTPServerResponsePart.body(.byteBuffer(bytes))), promise: nil)
            }
            end(context)
        case .stream where isHead:
            end(context)
        case .stream(let write):
            context.flush()
            let writer = BodyWriter(channel: context.channel)
            work(context) { gate in
                do { try await write(writer) } catch { return { $0.close(promise: nil) } }
                return { gate.value.end($0) }
            }
        }
    }

    private func end(_ context: ChannelHandlerContext) {
        write(context: context, data: NIOAny(HTTPServerResponsePart.end(nil)), promise: nil)
        context.flush()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            closesAfterAnswer = closesAfterAnswer || connection.state.isLastAnswer
            if closesAfterAnswer { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            // Only what the kernel has taken is answered: till then the connection is neither closed nor given more to
            // answer.
            let promise = promise ?? context.eventLoop.makePromise()
            promise.futureResult.assumeIsolated().whenSuccess { _ in self.answered(context) }
            context.write(data, promise: promise)
        default: context.write(data, promise: promise)
        }
    }

    private func answered(_ context: ChannelHandlerContext) {
        connection.state.answered(now: .now())
        if closesAfterAnswer { finish(context) } else { next(context) }
        connection.rearm()
    }

    /// Ends our side and waits a little for the client to end its own (RFC 9112 §9.6): were the socket closed while the
    /// client still sends, it would see a broken connection instead of the answer.
    private func finish(_ context: ChannelHandlerContext) {
        if hasClientEnded {
            context.close(promise: nil)
            return
        }
        connection.state.linger(now: .now())
        queue.removeAll()
        context.close(mode: .output, promise: nil)
        if heldRead {
            heldRead = false
            context.read()
        }
    }

    // MARK: Ending

    func channelInactive(context: ChannelHandlerContext) {
        context.fireChannelInactive()
        isOver = true
        if !isWorking { onEnd() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            connection.state.quiesce(now: .now())
            if connection.state.isFinished { context.close(promise: nil) } else { connection.rearm() }
        case ChannelEvent.inputClosed:
            // Not told to the routes: requests received before are answered still.
            hasClientEnded = true
            connection.state.endInput()
            if connection.state.isFinished { context.close(promise: nil) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }
}
