"""An authorization server in a process of its own: Tests/Support/provider, whose README lists switches and counters."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

PROGRAM = Path(__file__).resolve().parents[2] / "Support" / "provider"


class Provider:
    """A running provider."""

    def __init__(self, tls: bool = False, **switches: Any) -> None:
        """Starts one, mostly over plain HTTP: few tests are about TLS, and 500 records are dear enough without."""
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in switches.items()}
        settings = [f"--set={name}={text}" for name, text in texts.items()]
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *([] if tls else ["--http"]), *settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            raise AssertionError("the provider did not start")
        self.info: dict[str, Any] = json.loads(line)

    def stop(self) -> None:
        """Ends it, and waits until it has ended."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def grant(self, user: str, **members: Any) -> dict[str, Any]:
        """Makes a grant without a flow, and returns its token reply."""
        tokens: dict[str, Any] = self._control("POST", "grants", {"user": user, **members})
        return tokens

    def consent(self, url: str, user: str | None = None) -> str:
        """Goes where the user's browser would, and returns where it is sent back to; nobody named: whom the URL names."""
        who = {} if user is None else {"user": user}
        return str(self._control("POST", "consent", {"url": url, **who})["location"])

    def switch(self, **switches: Any) -> None:
        """Sets switches."""
        self._control("PATCH", "switches", switches)

    def fail(self, **rule: Any) -> None:
        """Adds a rule by which requests fail."""
        self._control("POST", "failures", rule)

    def recover(self) -> None:
        """Removes what is left of the rules."""
        self._control("DELETE", "failures")

    def counters(self) -> dict[str, Any]:
        """Every counter."""
        counters: dict[str, Any] = self._control("GET", "counters")
        return counters

    def active_tokens(self) -> dict[str, set[str]]:
        """The access tokens that are good now, by user."""
        active: dict[str, set[str]] = {}
        for grant in self._control("GET", "grants"):
            tokens = {token["token"] for token in grant["access_tokens"] if token["active"]}
            active[grant["user"]] = active.get(grant["user"], set()) | tokens
        return active

    def kill(self, **which: str) -> None:
        """Ends the grants that match."""
        self._control("POST", "grants/kill", which)

    def grants(self) -> list[dict[str, Any]]:
        """Every grant there was, with its tokens."""
        grants: list[dict[str, Any]] = self._control("GET", "grants")
        return grants

    def requests(self) -> list[dict[str, Any]]:
        """Every request it saw, oldest first."""
        requests: list[dict[str, Any]] = self._control("GET", "requests")
        return requests

    def register(self, client_id: str, client_secrets: list[str], redirect_uris: list[str]) -> None:
        """Registers a client; without secrets it is public."""
        client = {"client_id": client_id, "client_secrets": client_secrets, "redirect_uris": redirect_uris}
        self._control("PUT", "clients", client)

    def refreshes_of(self, user: str) -> list[str]:
        """When which refresh token of a user came, oldest first, for the message of a failure; only its end is told."""
        told = []
        for request in self._control("GET", f"requests?endpoint=token&user={quote(user, safe='')}"):
            token = dict(parse_qsl(request["body"])).get("refresh_token", "")
            told.append(f"{datetime.fromtimestamp(request['at'], UTC):%H:%M:%S.%f} …{token[-6:]}")
        return told

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        parts = urlsplit(self.info["control"])
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=60)
        try:
            connection.request(method, f"{parts.path}/{path}", None if body is None else json.dumps(body))
            reply = connection.getresponse()
            text = reply.read()
        finally:
            connection.close()
        assert reply.status == 200, f"{method} {path}: {reply.status} {text!r}"
        return json.loads(text)
