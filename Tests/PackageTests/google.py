"""A stand-in for Google: its OAuth endpoints as `Tests/Support/catalogue` plays them, and one call of Gmail's."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from catalogue.certificate import make_certificate
from providers import HABITS, Providers

SCOPE = "https://www.googleapis.com/auth/gmail.readonly"
_HABIT_SCOPES = f"{SCOPE} https://www.googleapis.com/auth/drive.metadata.readonly"


class Google:
    """Google for one client, whose scope is `SCOPE`. `stop` ends it."""

    def __init__(self, directory: Path, client_id: str, client_secret: str, redirect_uri: str) -> None:
        habits = directory / "habits"
        habits.mkdir(parents=True)
        # The habit's client has a scope more.
        text = (HABITS / "google.json").read_text()
        assert _HABIT_SCOPES in text, f"the habit of google asks no more for {_HABIT_SCOPES}"
        (habits / "google.json").write_text(text.replace(_HABIT_SCOPES, SCOPE))
        self._client_id = client_id
        # Where this fails, nobody has anything to stop: what runs by then is ended here.
        with ExitStack() as started:
            self._providers = Providers(directory / "providers", habits)
            started.callback(self._providers.stop)
            self.proxy = str(self._providers.info["proxy"])
            self.ca_file = Path(str(self._providers.info["ca_file"]))
            self._providers.client(
                "google", client_id=client_id, client_secret=client_secret, redirect_uris=[redirect_uri]
            )
            (directory / "gmail").mkdir()
            for name in ("ca.pem", "ca.key"):
                (directory / "gmail" / name).write_bytes((self.ca_file.parent / name).read_bytes())
            tls = make_certificate(directory / "gmail", ["gmail.googleapis.com"])
            gmail = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.is_current))
            started.callback(gmail.server_close)
            gmail.socket = tls.wrap_socket(gmail.socket, server_side=True)
            self.gmail_port = int(gmail.server_address[1])
            threading.Thread(target=gmail.serve_forever, daemon=True).start()
            started.callback(gmail.shutdown)
            self._started = started.pop_all()

    def stop(self) -> None:
        self._started.close()

    def approve(self, url: str) -> str:
        """A user consents: where the browser is sent back to."""
        return self._providers.approve("google", self._client_id, url)

    def is_current(self, access_token: str) -> bool:
        return self._providers.is_current("google", access_token)

    def seen(self) -> dict[str, Any]:
        return self._providers.seen("google", self._client_id)


def _handler(is_current: Callable[[str], bool]) -> type[BaseHTTPRequestHandler]:
    class Profile(BaseHTTPRequestHandler):
        """GET /gmail/v1/users/me/profile, for who has a token."""

        def do_GET(self) -> None:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status: int = 404
            body: dict[str, Any] = {"error": {"code": 404}}
            if self.path == "/gmail/v1/users/me/profile":
                status, body = 401, {"error": {"code": 401}}
                if is_current(token):
                    status, body = 200, {"emailAddress": "alice@example.com"}
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *arguments: Any) -> None:
            """Says nothing: lines have tokens in them."""

    return Profile
