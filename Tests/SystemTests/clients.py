"""Clients that ask on and on, and count what failed."""

from __future__ import annotations

import http.client
import socket
import threading

SOCKET = "/run/toolauthd/api.sock"
TARGET = "/v1/tools/demo/users/alice/token"


class Connection(http.client.HTTPConnection):
    """HTTP over a daemon's socket, by default the service's."""

    def __init__(self, path: str = SOCKET) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Crowd:
    """Half of them open a connection for each request; half keep theirs, and try once more where it ends without a byte."""

    def __init__(self, count: int) -> None:
        self.served = 0
        self.retried = 0
        #: How many keep their connection.
        self._kept = count // 2
        self.failures: list[str] = []
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep if number % 2 else self._open, daemon=True) for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Ends them after what they are at."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def most_retries(self, restarts: int) -> int:
        """So many times at most they try once more: a restart closes each kept connection once, between two requests.

        A client cannot tell that from a request that is taken and dropped, but a daemon that does so at any other time
        is soon above it.
        """
        return self._kept * restarts

    def _note(self, status: int) -> None:
        with self._lock:
            if status == 200:
                self.served += 1
            else:
                self.failures.append(f"status {status}")

    def _fail(self, error: Exception) -> None:
        with self._lock:
            self.failures.append(repr(error))

    def _open(self) -> None:
        while not self._is_over.is_set():
            connection = Connection()
            try:
                self._note(self._ask(connection))
            except (OSError, http.client.HTTPException) as error:
                self._fail(error)
            finally:
                connection.close()

    def _keep(self) -> None:
        connection = Connection()
        while not self._is_over.is_set():
            try:
                try:
                    status = self._ask(connection)
                except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                    # Closed between two requests, as HTTP allows (RFC 9112 §9.3.1).
                    with self._lock:
                        self.retried += 1
                    connection.close()
                    status = self._ask(connection)
                self._note(status)
            except (OSError, http.client.HTTPException) as error:
                self._fail(error)
                connection.close()
        connection.close()

    def _ask(self, connection: Connection) -> int:
        connection.request("GET", TARGET)
        reply = connection.getresponse()
        reply.read()
        return reply.status
