"""A loopback port that leads to the socket, for programs that speak TCP alone."""

from __future__ import annotations

import socket
import socketserver
import threading
from pathlib import Path


class Forwarder:
    """Runs until closed. Whoever reaches it speaks to the daemon as its own user."""

    def __init__(self, path: Path) -> None:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as daemon:
                    daemon.connect(str(path))
                    back = threading.Thread(target=_pump, args=(daemon, self.request), daemon=True)
                    back.start()
                    _pump(self.request, daemon)
                    back.join()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Accepts nobody more."""
        self._server.shutdown()
        self._server.server_close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass
