package import ToolAuthCore

/// HTTP by libcurl's multi interface on a Dispatch queue.
///
/// One serial queue owns all of libcurl; requests under way cost no threads. https only, except plain http to loopback
/// where a request's options allow it. Redirects are replies like others; nothing is decoded, cached or sent again, and
/// neither the environment's proxies nor `.netrc` count.
///
/// Shut it down when it is no longer needed; one that is dropped instead is cleaned up on its queue a little later.
package final class CurlHTTPTransport: HTTPTransport {
    private let loop: TransferLoop

    package init(configuration: Configuration) {
        loop = TransferLoop(configuration)
    }

    deinit { loop.stop() }

    package func send(_ request: HTTPRequest) async -> Result<HTTPReply, TransportFailure> {
        let target: RequestTarget
        do throws(TransportFailure) {
            target = try RequestTarget(request)
            try HeaderLines.check(request.headers)
            if request.method == .get, request.body != nil { throw .refused("a GET has no body") }
        } catch {
            return .failure(error)
        }
        let id = TransferID()
        return await withTaskCancellationHandler {
            await loop.reply(to: request, target, id)
        } onCancel: {
            loop.cancel(id)
        }
    }

    package func connect(to url: String, options: TransportOptions, timeout: Duration) async -> TransportFailure? {
        // Never sent; it says where to and how.
        var request = HTTPRequest(method: .get, url: url, options: options)
        (request.timeout, request.connectTimeout) = (timeout, timeout)
        let target: RequestTarget
        do throws(TransportFailure) { target = try RequestTarget(request) } catch { return error }
        let id = TransferID()
        return await withTaskCancellationHandler {
            await loop.connect(for: request, target, id)
        } onCancel: {
            loop.cancel(id)
        }
    }

    /// Ends every transfer under way with `.shutDown`, and every later one at once. Returns when all connections are
    /// closed. May be called more than once.
    package func shutDown() async {
        await loop.shutDown()
    }
}
