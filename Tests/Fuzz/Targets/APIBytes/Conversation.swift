import FuzzSupport
import HTTPTypes
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1

@testable import APIServer

/// One connection with the daemon's own handlers, of which each request is answered with 200 at once.
struct Conversation {
    private(set) var requests: [APIRequest] = []
    /// The statuses of the answers, as a client of ours reads them.
    private(set) var answers: [Int] = []
    /// Whether the server ended it.
    private(set) var isOver = false

    var asked: [String] {
        requests.map { "\($0.method) \($0.target.path)?\($0.target.query ?? "") \($0.fields) \($0.body)" }
    }

    init(_ bytes: [UInt8], cutAt cut: Int) {
        let channel = EmbeddedChannel()
        let limits = APILimits()
        let connection = Connection(
            channel, limits: limits, metrics: APIMetrics(),
            logger: Logger(label: "fuzz", factory: { _ in SwiftLogNoOpLogHandler() })
        ) {}
        let asked = Requests()
        let gate = RequestGate(connection) { request in
            asked.all.append(request)
            return .ready(Response.bytes(ByteBuffer(string: "ok"), type: "text/plain"))
        } onEnd: {
        }
        do {
            try channel.pipeline.syncOperations.addHandlers([
                ByteGate(connection), HTTPResponseEncoder(), ByteToMessageHandler(HTTPRequestDecoder(limits)), gate,
            ])
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/fuzz")).wait()
            for part in [bytes.prefix(cut), bytes.dropFirst(cut)] where !part.isEmpty && channel.isActive {
                _ = try? channel.writeInbound(ByteBuffer(bytes: part))
            }
            isOver = !channel.isActive || connection.state.isInputOver
            var output: [UInt8] = []
            while let part = try channel.readOutbound(as: ByteBuffer.self) { output += part.readableBytesView }
            requests = asked.all
            // Answers to HEAD announce a body that does not come; clients of ours never ask so.
            if !requests.contains(where: { $0.method == .head }) { answers = Answers.statuses(output) }
            _ = try? channel.finish(acceptAlreadyClosed: true)
        } catch {
            fatalError("the channel fails: \(error)")
        }
    }

    private final class Requests {
        var all: [APIRequest] = []
    }
}
