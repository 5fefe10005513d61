/// Ends TLS in front of a server on loopback: a small program of its own, which passes the bytes on. The first line the
/// server gets of each connection is `VERSION RESUMED ALPN`.
final class TLSFront: Sendable {
    enum Versions: String, Sendable {
        case modern
        /// TLS 1.1 at most, which is what a server from before 2008 speaks.
        case old
    }

    let port: Int
    private let process: ChildProcess

    init(
        _ authority: TestAuthority, to server: LoopbackServer, certificate: TestAuthority.Certificate? = nil,
        alpn: [String] = ["http/1.1"], versions: Versions = .modern
    ) async {
        let certificate = certificate ?? authority.localhost
        let process = ChildProcess([
            "python3", "-W", "ignore", "-c", Self.script, certificate.file, certificate.key,
            alpn.joined(separator: ","),
            String(server.port),
            versions.rawValue,
        ])
        self.process = process
        let line = await onThread { process.readLine() }
        guard let port = Int(line) else { preconditionFailure("no TLS server: \(line)") }
        self.port = port
    }

    var url: String { "https://localhost:\(port)/token" }

    private static let script = """
        import asyncio, ssl, sys

        certificate, key, alpn, backend, versions = sys.argv[1:]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols(alpn.split(","))
        if versions == "old":
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1

        async def pump(reader, writer):
            try:
                while data := await reader.read(65536):
                    writer.write(data)
                    await writer.drain()
            except OSError:
                pass
            finally:
                writer.close()

        async def serve(reader, writer):
            tls = writer.get_extra_info("ssl_object")
            try:
                upstream, downstream = await asyncio.open_connection("127.0.0.1", int(backend))
            except OSError:
                writer.close()
                return
            first = f"{tls.version()} {tls.session_reused} {tls.selected_alpn_protocol()}\\n"
            downstream.write(first.encode())
            await asyncio.gather(pump(reader, downstream), pump(upstream, writer))

        async def main():
            server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
            print(server.sockets[0].getsockname()[1], flush=True)
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

        asyncio.run(main())
        """
}

extension ServerConnection {
    /// The line a ``TLSFront`` sends first.
    func readTLSLine() -> String? {
        var line: [UInt8] = []
        while let byte = read(1) {
            if byte == [0x0a] { return String(decoding: line, as: UTF8.self) }
            line += byte
        }
        return nil
    }
}
