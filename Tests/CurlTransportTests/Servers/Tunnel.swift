import Glibc

/// An HTTP proxy that knows CONNECT alone, and leads every tunnel to one port on loopback.
func serveTunnel(_ connection: ServerConnection, to port: Int, status: String = "200 Connection established") {
    guard connection.readRequest()?.line.hasPrefix("CONNECT ") == true else { return }
    connection.write("HTTP/1.1 \(status)\r\nX-Proxy: s3cret\r\n\r\n")
    guard status.hasPrefix("200"), let upstream = connectToLoopback(port: port) else { return }
    let other = ServerConnection(upstream, number: 0) { _ in }
    let ends = (connection, other)
    startThread {
        while let byte = ends.1.read(1), ends.0.write(byte) {}
        shutdown(ends.0.socket, Int32(SHUT_RDWR))
    }
    while let byte = connection.read(1), other.write(byte) {}
    shutdown(upstream, Int32(SHUT_RDWR))
    close(upstream)
}
