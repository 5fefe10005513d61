"""Authorizations as a person goes through them: from the authorization URL to the page at the daemon's own listener."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from support.api import Answer, Client
from support.daemon import Daemon
from support.provider import Provider

TOOL = "mail"
#: A title that would be markup, were it not escaped.
TITLE = 'Mail & <b>"Calendar"</b>'


class ConsentProvider(Provider):
    """A provider that registers where its users are sent back to, and can spoil a request."""

    def register(self, redirect_uri: str) -> None:
        """Lets its client be sent back there and nowhere else."""
        self._control(
            "PUT",
            "clients",
            {
                "client_id": self.info["client_id"],
                "client_secrets": [self.info["client_secret"]],
                "redirect_uris": [redirect_uri],
            },
        )

    def fail(self, kind: str, **members: Any) -> None:
        """Spoils the next token request."""
        self._control("POST", "failures", {"kind": kind, **members})


class Flow:
    """A provider, and a daemon with a tool there and a listener for browsers; `close` ends and removes them."""

    def __init__(self) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="browser-")
        self._directory = Path(self._temporary.name).resolve()
        (self._directory / "state").mkdir(mode=0o700)
        self.origin = f"http://127.0.0.1:{_free_port()}"
        self.provider = ConsentProvider()
        self.provider.register(self.redirect_uri)
        self._configure()
        self.daemon = Daemon(self._directory)
        self.daemon.wait_until_serving()

    @property
    def redirect_uri(self) -> str:
        """Where the daemon listens for browsers."""
        return f"{self.origin}/callback"

    def authorize(self, user: str) -> dict[str, Any]:
        """A new authorization; its `auth_url` is where the user is to go."""
        answer = self._send("POST", f"{_record(user)}/authorize", {})
        assert answer.status == 201, answer
        return answer.body

    def outcome(self, authorization: dict[str, Any]) -> str:
        """How an authorization stands."""
        return str(self._send("GET", f"/v1/authorizations/{authorization['authorization_id']}").body["status"])

    def is_connected(self, user: str) -> bool:
        """Whether there is a record of that user."""
        return self._send("GET", _record(user)).status == 200

    def close(self) -> None:
        """Ends everything and removes the directory."""
        try:
            self.daemon.stop()
        finally:
            self.provider.stop()
            self._temporary.cleanup()

    @property
    def log(self) -> str:
        """What the daemon wrote, for the message of a failure."""
        return self.daemon.log_path.read_text(errors="replace")

    def _send(self, method: str, target: str, body: dict[str, Any] | None = None) -> Answer:
        with Client(self.daemon.socket_path, TOOL) as client:
            return client.send(method, target, body)

    def _configure(self) -> None:
        info = self.provider.info
        tools = self._directory / "config" / "tools.d"
        tools.mkdir(parents=True)
        listen = self.origin.removeprefix("http://")
        (tools.parent / "toolauthd.yaml").write_text(f'allow_inline_secrets: true\ncallback: {{listen: "{listen}"}}\n')
        (tools / f"{TOOL}.yaml").write_text(f"""
{TOOL}:
  title: '{TITLE}'
  client_id: "{info["client_id"]}"
  client_secret: "{info["client_secret"]}"
  scopes: [read]
  redirect_uris: ["{self.redirect_uri}"]
  allow_http_loopback: true
  provider:
    issuer: "{info["issuer"]}"
    authorization: {{endpoint: "{info["authorization_endpoint"]}"}}
    token: {{endpoint: "{info["token_endpoint"]}", client_authentication: client_secret_basic}}
    refresh: {{rotation: single_use}}
""")


def _record(user: str) -> str:
    return f"/v1/tools/{TOOL}/users/{quote(user, safe='')}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
