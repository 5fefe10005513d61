"""Requests over the socket, byte for byte as wanted."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contract import Reply

#: Longer than any answer may take (a read waits at most 60 s, a refresh 65 s), so that a test that hangs says where.
PATIENCE = 90


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def call(path: Path, method: str, target: str, body: Any = None, headers: dict[str, str] | None = None) -> Reply:
    """One request on a connection of its own. A body of bytes is sent as it is, any other as JSON."""
    fields = dict(headers or {})
    data = None
    if body is not None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields.setdefault("Content-Type", "application/json")
    connection = _Connection(path)
    try:
        try:
            connection.request(method, target, data, fields)
        except BrokenPipeError:
            # Refused before all of it was read; the answer is there.
            pass
        answer = connection.getresponse()
        return Reply(answer.status, _fields(answer), answer.read())
    finally:
        connection.close()


@contextmanager
def open_stream(path: Path, target: str, headers: dict[str, str]) -> Iterator[tuple[Reply, http.client.HTTPResponse]]:
    """Begins an answer without an end: its head, and what the rest is read from."""
    connection = _Connection(path)
    try:
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        yield Reply(answer.status, _fields(answer), b""), answer
    finally:
        connection.close()


@contextmanager
def held_connection(path: Path) -> Iterator[None]:
    """A connection that is served, and asks for nothing more."""
    while True:
        connection = _Connection(path)
        try:
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            answer.read()
            # Where those before are still being closed it is one too many itself.
            if answer.status == 200:
                yield
                return
        finally:
            connection.close()


def _fields(answer: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.getheaders()}
