import Glibc

/// An HTTP proxy that knows CONNECT alone, and leads every tunnel to one port on loopback.
func serveTunnel(_ connection: ServerConnection, to port: Int, status: String = "200 Connection established") {
    guard connection.readRequest()?.line.hasPrefix("CONNECT ") == true else { return }
    connection.write("HTTP/1.1 \(status)\r\nX-Proxy: s3cret\r\n\r\n")
    guard status.hasPrefix("200"), let upstream = connectToLoopback(port: port) else { return }
    let other = ServerConnection(upstream, number: 0) { _ in }
    let isDone = Gate()
    startThread {
        while let byte = other.read(1), connection.write(byte) {}
        shutdown(connection.socket, Int32(SHUT_RDWR))
        isDone.open()
    }
    while let byte = connection.read(1), other.write(byte) {}
    shutdown(upstream, Int32(SHUT_RDWR))
    // Neither descriptor may be closed, and its number used again, while the other thread has it.
    isDone.wait()
    close(upstream)
}
