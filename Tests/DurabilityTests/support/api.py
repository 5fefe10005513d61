"""The daemon's API over its Unix socket."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

#: Longer than any answer may take (a read waits at most 60 s), so that a test that hangs says where.
PATIENCE = 90


class UnansweredError(Exception):
    """The daemon went away, or was not there: whether it did what it was asked is not known."""


@dataclass(frozen=True)
class Answer:
    """One answer of the daemon."""

    status: int
    body: dict[str, Any]

    @property
    def problem(self) -> str:
        """The problem's code, such as `store-unavailable`; empty where it is none."""
        return str(self.body.get("type", "")).removeprefix("urn:toolauthd:") if self.status >= 400 else ""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(str(self._path))
        except OSError:
            self.sock.close()
            raise


class Client:
    """One kept connection; for one thread."""

    def __init__(self, socket_path: Path, tool: str) -> None:
        self._connection = _UnixConnection(socket_path)
        self._tool = tool

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def send(self, method: str, target: str, body: dict[str, Any] | None = None) -> Answer:
        """One request; raises `UnansweredError` unless the whole answer came."""
        status, text = self._exchange(method, target, body)
        return Answer(status, json.loads(text) if text else {})

    def text(self, target: str) -> str:
        """What is there, as text, such as metrics."""
        status, text = self._exchange("GET", target, None)
        assert status == 200, f"{target}: {status}"
        return text.decode()

    def _exchange(self, method: str, target: str, body: dict[str, Any] | None) -> tuple[int, bytes]:
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            self._connection.request(method, target, None if body is None else json.dumps(body), headers)
            reply = self._connection.getresponse()
            return reply.status, reply.read()
        except TimeoutError as error:
            self._connection.close()
            raise AssertionError(f"{method} {target}: no answer within {PATIENCE} s") from error
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise UnansweredError(f"{method} {target}: {error!r}") from error

    def put_grant(self, user: str, tokens: dict[str, Any]) -> Answer:
        """Imports tokens as a provider's token reply has them."""
        taken = {"access_token", "refresh_token", "token_type", "expires_in", "scope"}
        return self.send("PUT", self._record(user), {name: tokens[name] for name in taken & tokens.keys()})

    def token(self, user: str, query: str = "min_validity=0") -> Answer:
        """Reads the token, by default whatever life is left in it."""
        return self.send("GET", f"{self._record(user)}/token?{query}")

    def delete(self, user: str) -> Answer:
        """Forgets the grant."""
        return self.send("DELETE", self._record(user))

    def health(self) -> Answer:
        """`GET /healthz`."""
        return self.send("GET", "/healthz")

    def status(self) -> Answer:
        """`GET /v1/status`."""
        return self.send("GET", "/v1/status")

    def records(self) -> dict[str, dict[str, Any]]:
        """Every record, by user."""
        found: dict[str, dict[str, Any]] = {}
        cursor = ""
        while True:
            answer = self.send("GET", f"/v1/auths?limit=1000{cursor}")
            assert answer.status == 200, answer
            found |= {record["user_id"]: record for record in answer.body["auths"]}
            if "next_cursor" not in answer.body:
                return found
            cursor = f"&cursor={quote(answer.body['next_cursor'], safe='')}"

    def _record(self, user: str) -> str:
        return f"/v1/tools/{self._tool}/users/{quote(user, safe='')}"
