import Dispatch
import Glibc
import ToolAuthCore

/// A Unix socket in a temporary directory at which a script answers: what a daemon might do, and what it never should.
package final class ScriptedServer: Sendable {
    /// A request as it came.
    package struct Request: Sendable {
        /// Request line and header fields, lines parted by CR LF.
        package let head: String
        package let body: String

        package var line: String { String(head.prefix { $0 != "\r\n" }) }

        /// Method and target.
        package var call: String { line.hasSuffix(" HTTP/1.1") ? String(line.dropLast(9)) : line }
    }

    private struct State {
        var requests: [Request] = []
        var connections = 0
        var open: Set<Int32> = []
        var isStopped = false
    }

    package let path: String
    private let directory: String
    private let listener: Int32
    private let state = Locked(State())

    /// - Parameter script: run for each connection on a thread of its own; the connection is closed when it returns.
    package init(_ script: @escaping @Sendable (ScriptedPeer) -> Void) throws {
        var template = Array("/tmp/toolauth-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ScriptedServerError(call: "mkdtemp", code: errno) }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        path = directory + "/api.sock"
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(listener, 128) == 0 else { throw ScriptedServerError(call: "bind", code: errno) }
        DispatchQueue(label: "scripted-server").async { [self] in
            while true {
                let descriptor = accept(listener, nil, nil)
                if descriptor < 0 {
                    if errno == EINTR { continue }
                    break
                }
                let (number, goesOn) = state.withLock { state in
                    state.connections += 1
                    state.open.insert(descriptor)
                    return (state.connections, !state.isStopped)
                }
                DispatchQueue(label: "scripted-peer").async { [self] in
                    if goesOn { script(ScriptedPeer(descriptor: descriptor, number: number, server: self)) }
                    // Out of the set first: once closed, the number may belong to another file.
                    state.withLock { _ = $0.open.remove(descriptor) }
                    close(descriptor)
                }
            }
            close(listener)
        }
    }

    /// Answers every request of every connection, and keeps connections open.
    package convenience init(answering answer: @escaping @Sendable (Request) -> String) throws {
        try self.init { peer in
            while let request = peer.readRequest() { peer.send(answer(request)) }
        }
    }

    /// Requests read so far, in order.
    package var requests: [Request] { state.withLock(\.requests) }
    /// Connections accepted so far.
    package var connections: Int { state.withLock(\.connections) }

    /// Takes the socket away, and ends every connection.
    package func stop() {
        state.withLock { state in
            state.isStopped = true
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        shutdown(listener, Int32(SHUT_RDWR))
        unlink(path)
        rmdir(directory)
    }

    fileprivate func note(_ request: Request) {
        state.withLock { $0.requests.append(request) }
    }
}

/// One connection, as the server's end sees it.
package struct ScriptedPeer: Sendable {
    private let descriptor: Int32
    /// 1 for the first connection.
    package let number: Int
    private let server: ScriptedServer

    fileprivate init(descriptor: Int32, number: Int, server: ScriptedServer) {
        self.descriptor = descriptor
        self.number = number
        self.server = server
    }

    /// A whole request; nil: the client closed.
    package func readRequest() -> ScriptedServer.Request? {
        var bytes: [UInt8] = []
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.utf8.firstRange(of: "\r\n\r\n".utf8) {
                let head = String(text.utf8[..<end.lowerBound]) ?? ""
                let length =
                    head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
                    .flatMap { Int($0.dropFirst(16)) } ?? 0
                let body = bytes.dropFirst(head.utf8.count + 4)
                if body.count >= length {
                    let request = ScriptedServer.Request(head: head, body: String(decoding: body, as: UTF8.self))
                    server.note(request)
                    return request
                }
            }
            let more = receive()
            if more.isEmpty { return nil }
            bytes += more
        }
    }

    /// Some bytes; empty: the client closed.
    package func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        return Array(buffer.prefix(max(0, count)))
    }

    /// - Returns: whether all of it went.
    @discardableResult
    package func send(_ bytes: some Collection<UInt8>) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Waits until the client goes away.
    package func waitForClose() {
        while !receive().isEmpty {}
    }
}

package struct ScriptedServerError: Error {
    package let call: String
    package let code: Int32
}

/// A reply with a JSON body and its length.
package func reply(_ status: Int = 200, _ json: String, type: String = "application/json") -> String {
    "HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\nContent-Length: \(json.utf8.count)\r\nCache-Control: no-store\r\n\r\n"
        + json
}

/// A problem document.
package func problem(_ status: Int, _ code: String, _ detail: String = "it is so", _ more: String = "") -> String {
    let json =
        #"{"type":"urn:toolauthd:\#(code)","title":"T","status":\#(status),"detail":"\#(detail)"\#(more)}"#
    return reply(status, json, type: "application/problem+json")
}
