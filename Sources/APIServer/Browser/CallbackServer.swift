import HTTPTypes
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
package import Telemetry
package import ToolAuthCore

/// Serves `GET /callback` to browsers that a provider sends back, and nothing else.
package struct CallbackServer: Service {
    private let server: HTTPServer<CallbackHandler>

    /// - Parameter listeningSocket: a TCP socket that listens; ``run()`` takes it over. Nobody is asked who he is: what he
    ///   brings is the state of a flow, which only the browser of whoever began it knows.
    package init(
        listeningSocket: CInt, service: any ToolAuthService,
        report: @escaping @Sendable (JournalEntry) -> Void = { _ in }, logger: Logger
    ) {
        var limits = APILimits()
        limits.maxConnections = 256
        server = HTTPServer(
            listeningSocket: listeningSocket, handler: CallbackHandler(service: service, report: report),
            metrics: APIMetrics(), limits: limits, eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            onServing: {}, logger: logger)
    }

    package func run() async throws { try await server.run() }
}

struct CallbackHandler: RequestHandler {
    typealias QuickRequest = Never

    private static let path = "/callback"

    let service: any ToolAuthService
    /// Hears of faults of ours.
    let report: @Sendable (JournalEntry) -> Void

    func accept(_ descriptor: CInt) {}

    func answer(_ request: APIRequest, from client: Void, closed: EventLoopFuture<Void>) -> Answer {
        .later { await respond(to: request) }
    }

    func respond(to request: APIRequest) async -> Response {
        do throws(ToolAuthError) {
            guard request.target.path.utf8.elementsEqual(Self.path.utf8) else {
                throw ToolAuthError(.notFound, "There is only \(Self.path) here.")
            }
            // Not HEAD either: a state is used up by whoever brings it first.
            guard request.method == .get else {
                throw ToolAuthError(.methodNotAllowed, "This address answers to GET alone.")
            }
            let callback = try Callback(url: "http://localhost\(Self.path)?\(request.target.query ?? "")")
            let completed = try await service.retrieveAuthToken(
                callback, expectedToolID: nil, expectedUserID: nil, in: .all)
            if let target = completed.redirectTo { return .redirect(to: target) }
            return .page(.connected(completed.record.key, title: await title(of: completed.record.toolID)), status: .ok)
        } catch {
            if error.code == .internalError {
                report(JournalEntry(.internalError(detail: "a callback failed: \(error.detail)")))
            }
            if let target = error.redirectTo { return .redirect(to: target) }
            var response = Response.page(CallbackPage(error), status: .init(code: error.code.httpStatus))
            if error.code == .methodNotAllowed { response.headers[.allow] = "GET" }
            return response
        }
    }

    private func title(of toolID: ToolID) async -> String {
        let tools = (try? await service.tools(for: nil, in: .all)) ?? []
        return tools.first { $0.toolID == toolID }?.title ?? toolID.rawValue
    }
}

extension Response {
    private mutating func addPageHeaders() {
        for (name, value) in PageHeaders.all {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
    }

    fileprivate static func page(_ page: CallbackPage, status: HTTPResponse.Status) -> Response {
        var response = Response.bytes(
            ByteBuffer(string: page.html), status: status, type: "text/html; charset=utf-8")
        response.addPageHeaders()
        return response
    }

    /// 303: the browser asks for the target with GET.
    fileprivate static func redirect(to target: String) -> Response {
        var response = Response.bytes(ByteBuffer(), status: .seeOther, type: "text/html; charset=utf-8")
        response.addPageHeaders()
        response.headers[.location] = target
        return response
    }
}
