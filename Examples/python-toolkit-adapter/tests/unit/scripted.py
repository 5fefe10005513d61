"""A socket that answers as it is told to, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: A longer body is refused unread, as the daemon does.
MOST_BYTES = 1 << 16
#: Answered by closing the connection.
CLOSE = b""
#: Answered by nothing until the client goes away.
SILENCE = None

RECORD = {
    "tool_id": "gmail",
    "user_id": "alice",
    "status": "healthy",
    "token_type": "Bearer",
    "scope": "read",
    "expires_at": "2026-01-31T10:05:07.123Z",
    "consecutive_failures": 0,
    "generation": 12,
    "created_at": "2026-01-02T08:00:00.000Z",
    "updated_at": "2026-01-31T09:05:07.123Z",
    "metadata": {},
}
TOKEN = {
    "access_token": "a-secret-token",
    "token_type": "Bearer",
    "expires_at": "2026-01-31T10:05:07.123Z",
    "expires_in": 3600,
    "scope": "read write",
    "generation": 12,
    "metadata": {"instance_url": "https://example.com"},
}


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    target: str
    #: Names in lower case.
    headers: dict[str, str]
    body: Any


def answer(status: int, body: Any = None, media_type: str = "application/json") -> bytes:
    """An answer as it goes over the wire."""
    text = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} Status\r\nContent-Type: {media_type}\r\nContent-Length: {len(text)}\r\n\r\n"
    return (head.encode() if status != 204 else b"HTTP/1.1 204 Status\r\n\r\n") + text


def problem(code: str, status: int, **members: Any) -> bytes:
    """A problem document as it goes over the wire."""
    document = {"type": f"urn:toolauthd:{code}", "title": "A title", "status": status, "detail": f"About {code}."}
    return answer(status, document | members, "application/problem+json")


class ScriptedDaemon:
    """Answers each connection with the next of its answers; with CLOSE once there are none."""

    def __init__(self, *answers: bytes | None) -> None:
        self.asked: list[Asked] = []
        self._answers = list(answers)
        self._directory = tempfile.TemporaryDirectory(prefix="scripted-")
        self.path = str(Path(self._directory.name) / "api.sock")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends it, and removes the socket."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        self._directory.cleanup()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self.asked.append(_read(connection))
                reply = self._answers.pop(0) if self._answers else CLOSE
                if reply is SILENCE:
                    connection.recv(1)
                    continue
                # The client may have had enough of it.
                with suppress(BrokenPipeError):
                    connection.sendall(reply)


def _read(connection: socket.socket) -> Asked:
    with connection.makefile("rb") as stream:
        method, target, _ = stream.readline().decode().split(" ")
        headers = {}
        while line := stream.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        text = stream.read(length) if length <= MOST_BYTES else b""
    return Asked(method, target, headers, json.loads(text) if text else None)
