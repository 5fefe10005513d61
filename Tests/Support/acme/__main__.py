"""
Acme, the provider of Examples/CustomTool: signed requests, and a session between a code and its tokens.

Prints its URL as one line when it listens on 127.0.0.1, and ends with its standard input. The key of its one client,
`my-client`, is the first argument. `GET /consent?…` is an authorization URL that its user has agreed to: the browser is
sent back at once. What does not fit is answered with an OAuth error that says what.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

KEY = sys.argv[1].encode()
LIFETIME = 3600


class Refusal(Exception):
    """An OAuth error."""


class Acme:
    """Codes, sessions and refresh tokens, each good for one use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: dict[str, str] = {}
        self._sessions: set[str] = set()
        self._refresh_tokens: set[str] = set()

    def code(self, parameters: dict[str, str]) -> str:
        """For whoever consents with this challenge."""
        if parameters.get("client_id") != "my-client":
            raise Refusal("unauthorized_client")
        with self._lock:
            code = secrets.token_urlsafe(16)
            self._codes[code] = parameters["code_challenge"]
        return code

    def session(self, parameters: dict[str, str]) -> dict[str, Any]:
        """What a code brings: no tokens yet."""
        verifier = parameters.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        with self._lock:
            if self._codes.pop(parameters.get("code", ""), None) != challenge:
                raise Refusal("invalid_grant")
            session = "session-" + secrets.token_urlsafe(16)
            self._sessions.add(session)
        return {"access_token": session, "token_type": "Bearer"}

    def tokens(self, parameters: dict[str, str]) -> dict[str, Any]:
        """What a session brings."""
        with self._lock:
            if parameters.get("session", "") not in self._sessions:
                raise Refusal("invalid_grant")
            self._sessions.remove(parameters["session"])
            return self._issue()

    def refresh(self, parameters: dict[str, str]) -> dict[str, Any]:
        """What a refresh token brings."""
        with self._lock:
            if parameters.get("refresh_token", "") not in self._refresh_tokens:
                raise Refusal("invalid_grant")
            self._refresh_tokens.remove(parameters["refresh_token"])
            return self._issue()

    def _issue(self) -> dict[str, Any]:
        refresh_token = "refresh-" + secrets.token_urlsafe(16)
        self._refresh_tokens.add(refresh_token)
        access_token = "access-" + secrets.token_urlsafe(16)
        return {
            "access_token": access_token,
            "refresh_token": refresh_token,
            "token_type": "Bearer",
            "expires_in": LIFETIME,
        }


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    acme = Acme()

    def do_GET(self) -> None:
        """The page where a user consents, who does."""
        parameters = dict(parse_qsl(urlsplit(self.path).query))
        query = urlencode({"code": self.acme.code(parameters), "state": parameters["state"]})
        self._answer(302, {}, {"Location": f"{parameters['redirect_uri']}?{query}"})

    def do_POST(self) -> None:
        """Everything signed."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signature = hmac.new(KEY, body, "sha256").hexdigest()
        parameters = dict(parse_qsl(body.decode()))
        steps = {
            "/sessions": self.acme.session,
            "/sessions/tokens": self.acme.tokens,
            "/tokens": self.acme.refresh,
        }
        try:
            if not hmac.compare_digest(self.headers.get("X-Acme-Signature", ""), signature):
                raise Refusal("invalid_client")
            self._answer(200, steps[self.path](parameters))
        except Refusal as refusal:
            self._answer(400, {"error": str(refusal)})

    def _answer(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


def main() -> None:
    """Serves until standard input ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()
    server.shutdown()


main()
