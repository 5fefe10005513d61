"""Requests over the socket, byte for byte as wanted."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any

from contract import Reply


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=90)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def call(path: Path, method: str, target: str, body: Any = None, **headers: str) -> Reply:
    """One request on a connection of its own. `headers`: with underscores for hyphens."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    data = None
    if body is not None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields.setdefault("Content-Type", "application/json")
    connection = _Connection(path)
    try:
        connection.request(method, target, data, fields)
        answer = connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def open_stream(path: Path, target: str, **headers: str) -> tuple[_Connection, http.client.HTTPResponse]:
    """Begins an answer without an end."""
    connection = _Connection(path)
    connection.request("GET", target, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return connection, connection.getresponse()
