import FuzzSupport
import HTTPTypes
import NIOCore
import NIOPosix
import OAuth
import SocketAPI
import Telemetry
import ToolAuthCore

@testable import APIServer

/// The routes of the socket API, before a service that does nothing, for a client that may do everything.
package enum APIDesk {
    private static let metrics = APIMetrics()
    private static let rules = RulesInForce(AccessRules(clients: nil, daemonUID: 990, socketGID: nil))

    static func answer(_ request: APIRequest) -> Response {
        let responder = APIResponder(
            service: FakeService(), events: nil, metrics: metrics, audit: { _ in }, report: { _ in })
        let client = ConnectedClient(Peer(pid: 1, uid: 0, gid: 0, groups: []), rules) { _, _ in false }
        let closed = MultiThreadedEventLoopGroup.singleton.next().makeSucceededVoidFuture()
        return result { await responder.respond(to: request, from: client, closed: closed) }
    }

    /// Every answer is one that the daemon means to give.
    static func check(_ response: Response, to request: APIRequest) {
        let status = response.status.code
        let what = "\(request.method) \(request.target)"
        expect((200..<500).contains(status) && status != 500, "\(what) is answered with \(status)")
        guard case .bytes(let bytes) = response.body else { return }
        let text = String(buffer: bytes)
        expect(!Canary.isIn(text) || Canary.isIn("\(request.target)"), "\(what) is answered with a secret: \(text)")
        guard status >= 400 else { return }
        let problem = JSONValue(parsing: Array(bytes.readableBytesView))
        expect(
            problem?[path: "type"]?.string?.hasPrefix(ProblemBody.prefix) ?? false, "a problem without a type: \(text)")
        expect(problem?[path: "status"]?.text == String(status), "a problem with another status: \(text)")
        expect(problem?[path: "detail"]?.string?.isEmpty == false, "a problem that says nothing: \(text)")
    }
}
