import Dispatch
import Glibc

/// Sends requests to one socket and brings the replies.
final class Exchange: Sendable {
    let path: String
    private let pool = ConnectionPool()

    init(path: String) {
        self.path = path
    }

    /// Sends `request` and waits for its reply on a thread of its own.
    func reply(
        to request: [UInt8], bodyLimit: Int, within timeout: Duration
    ) async throws(ToolAuthClientError) -> Reply {
        let deadline = CallDeadline(timeout)
        // A serial queue of its own gets a thread at once, however many other calls wait.
        let queue = DispatchQueue(label: "toolauthd.client.call")
        return try await run(on: queue) { cancellation throws(ToolAuthClientError) in
            try self.blockingReply(to: request, bodyLimit: bodyLimit, deadline: deadline, cancellation: cancellation)
        }
    }

    /// Runs what blocks on a thread of `queue`, and ends its waits when the task is cancelled.
    func run<Value: Sendable>(
        on queue: DispatchQueue,
        _ body: @escaping @Sendable (CallCancellation) throws(ToolAuthClientError) -> Value
    ) async throws(ToolAuthClientError) -> Value {
        let cancellation: CallCancellation
        do { cancellation = try CallCancellation() } catch { throw clientError(error) }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<Value, ToolAuthClientError>, Never>) in
                queue.async {
                    let result = Result { () throws(ToolAuthClientError) in try body(cancellation) }
                    continuation.resume(returning: result)
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    /// As ``reply(to:bodyLimit:within:)``, on the thread of the caller.
    func replyBlocking(
        to request: [UInt8], bodyLimit: Int, within timeout: Duration
    ) throws(ToolAuthClientError) -> Reply {
        let cancellation: CallCancellation
        do { cancellation = try CallCancellation() } catch { throw clientError(error) }
        return try blockingReply(
            to: request, bodyLimit: bodyLimit, deadline: CallDeadline(timeout), cancellation: cancellation)
    }

    /// A connection that ends before the first byte of a reply was closed as the request went, by a daemon that restarts
    /// or no longer keeps it: then the request goes again, once, on a new one.
    private func blockingReply(
        to request: [UInt8], bodyLimit: Int, deadline: CallDeadline, cancellation: CallCancellation
    ) throws(ToolAuthClientError) -> Reply {
        let first = if let kept = pool.take() { kept } else { try connect(deadline, cancellation) }
        if let reply = try attempt(request, bodyLimit, on: first, deadline, cancellation) { return reply }
        let second = try connect(deadline, cancellation)
        if let reply = try attempt(request, bodyLimit, on: second, deadline, cancellation) { return reply }
        throw clientError(.system(ECONNRESET))
    }

    func connect(
        _ deadline: CallDeadline, _ cancellation: CallCancellation
    ) throws(ToolAuthClientError) -> UnixConnection {
        do {
            return try UnixConnection(path: path, deadline: deadline, cancellation: cancellation)
        } catch {
            throw clientError(error)
        }
    }

    /// - Returns: nil if the connection ended before the first byte of a reply.
    private func attempt(
        _ request: [UInt8], _ bodyLimit: Int, on connection: UnixConnection, _ deadline: CallDeadline,
        _ cancellation: CallCancellation
    ) throws(ToolAuthClientError) -> Reply? {
        var hasReceived = false
        do {
            let allSent = try connection.send(request, deadline: deadline, cancellation: cancellation)
            var parser = ReplyParser(bodyLimit: bodyLimit)
            var buffer = [UInt8](repeating: 0, count: 64 * 1024)
            while true {
                let count = try connection.receive(into: &buffer, deadline: deadline, cancellation: cancellation)
                if count == 0 {
                    switch parser.end() {
                    case .nothing: return nil
                    case .reply(let reply): return reply
                    case .truncated: throw SocketFailure.system(ECONNRESET)
                    }
                }
                hasReceived = true
                if let reply = try parser.receive(buffer[..<count]) {
                    if allSent && reply.allowsReuse { pool.put(connection) }
                    return reply
                }
            }
        } catch SocketFailure.system(ECONNRESET) where !hasReceived {
            // So a Unix socket ends whose other side left our request unread.
            return nil
        } catch {
            throw clientError(error)
        }
    }

    /// Sends `request` over a connection of its own, on the thread of the caller.
    func open(
        _ request: [UInt8], within timeout: Duration, _ cancellation: CallCancellation
    ) throws(ToolAuthClientError) -> UnixConnection {
        let deadline = CallDeadline(timeout)
        let connection = try connect(deadline, cancellation)
        do {
            _ = try connection.send(request, deadline: deadline, cancellation: cancellation)
        } catch {
            throw clientError(error)
        }
        return connection
    }

    /// What anything that goes wrong with a reply is for the caller.
    func clientError(_ error: any Error) -> ToolAuthClientError {
        switch error {
        case let failure as SocketFailure: clientError(failure)
        case let fault as ReplyFault: clientError(fault)
        case let error as ToolAuthClientError: error
        default: .protocolViolation("\(type(of: error))")
        }
    }

    func clientError(_ fault: ReplyFault) -> ToolAuthClientError {
        .protocolViolation(
            "what answers at \(path) is not toolauthd, or not a version this program knows: \(fault.detail)")
    }

    func clientError(_ failure: SocketFailure) -> ToolAuthClientError {
        switch failure {
        case .timedOut: .timedOut
        case .cancelled: .cancelled
        case .system(let code): .unreachable(path: path, errno: code, advice: connectAdvice(path: path, errno: code))
        }
    }
}
