import Glibc

/// Runs `body` on a thread of its own, which it may block.
func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let status = pthread_create(
        &thread, nil,
        { pointer in
            if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
            return nil
        }, box.toOpaque())
    precondition(status == 0, "no thread")
    pthread_detach(thread)
}

/// Does what blocks aside from the tasks' own threads, of which there are few.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        startThread { continuation.resume(returning: body()) }
    }
}

/// A socket on 127.0.0.1, at a port of the system's choice, that listens.
func listenOnLoopback(backlog: Int32 = 512) -> (socket: Int32, port: Int) {
    let bound = bindToLoopback()
    precondition(listen(bound.socket, backlog) == 0)
    return bound
}

/// A socket on 127.0.0.1, at a port of the system's choice, that does not listen yet.
func bindToLoopback() -> (socket: Int32, port: Int) {
    let bound = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    precondition(bound >= 0)
    var address = loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            bind(bound, generic, length) == 0 && getsockname(bound, generic, &length) == 0
        }
    }
    precondition(status)
    return (bound, Int(UInt16(bigEndian: address.sin_port)))
}

/// - Returns: a connected socket, or with `nonblocking` one that may still be connecting; nil if refused.
func connectToLoopback(port: Int, nonblocking: Bool = false) -> Int32? {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let client = socket(AF_INET, nonblocking ? kind | Int32(SOCK_NONBLOCK.rawValue) : kind, 0)
    var address = loopback(port: port)
    let status = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    if status == 0 || errno == EINPROGRESS { return client }
    close(client)
    return nil
}

/// All descriptors of this process that are open.
func openDescriptors() -> [Int32] {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return (0..<Int32(min(limit.rlim_cur, 65536))).filter { fcntl($0, F_GETFD) >= 0 }
}

/// The port at the other end of a connection over IPv4; nil if it is none.
func peerPort(of descriptor: Int32) -> Int? {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
    }
    guard status == 0, address.sin_family == sa_family_t(AF_INET) else { return nil }
    return Int(UInt16(bigEndian: address.sin_port))
}

private func loopback(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
}
