"""The daemon's API over its Unix socket, with as little of our own time in it as can be."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from support.figures import BrokenRunError

_PATIENCE = 60.0
_IMPORTERS = 32


class Connection:
    """One kept connection; for one thread."""

    def __init__(self, socket_path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(_PATIENCE)
        self._socket.connect(str(socket_path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, method: str, target: str, body: dict[str, Any] | None = None) -> tuple[int, bytes]:
        """One request; returns status and body."""
        return self.exchange(request(method, target, body))

    def exchange(self, request: bytes) -> tuple[int, bytes]:
        """One request as it goes over the wire."""
        self._socket.sendall(request)
        received = self._receive()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._receive()
        head, body = received[:end], received[end + 4 :]
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), 0)
        while len(body) < length:
            body += self._receive()
        return int(head[9:12]), body

    def _receive(self) -> bytes:
        received = self._socket.recv(65536)
        if not received:
            raise BrokenRunError("the daemon closed a connection")
        return received


def request(method: str, target: str, body: dict[str, Any] | None = None) -> bytes:
    """A request as it goes over the wire. The ids in `target` are such as need no escaping."""
    text = b"" if body is None else json.dumps(body).encode()
    kind = "" if body is None else f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n"
    return f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{kind}\r\n".encode() + text


def import_grants(socket_path: Path, tool: str, users: Sequence[str], expires_in: int = 86_400) -> None:
    """Imports a grant for each user, over many connections so that they share the daemon's transactions."""

    def import_share(share: Sequence[str]) -> None:
        with Connection(socket_path) as connection:
            for user in share:
                tokens = {
                    "access_token": f"access-{user}",
                    "refresh_token": f"{user}~0",
                    "token_type": "Bearer",
                    "expires_in": expires_in,
                }
                status, body = connection.send("PUT", f"/v1/tools/{tool}/users/{user}", tokens)
                if status != 201:
                    raise BrokenRunError(f"the import of {user} was answered {status}: {body.decode()}")

    shares: Iterator[Sequence[str]] = (users[part::_IMPORTERS] for part in range(_IMPORTERS))
    with ThreadPoolExecutor(_IMPORTERS) as pool:
        list(pool.map(import_share, shares))
