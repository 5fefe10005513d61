"""A server process for tests, a client that goes through its proxy, and a flow that a test may bend."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import secrets
import ssl
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

PACKAGE = Path(__file__).resolve().parent.parent
HABITS = Path(__file__).resolve().parent / "habits"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode(), strict_parsing=True))


class Process:
    """A running server, and kept connections through it."""

    def __init__(self, habits: Path = HABITS, *arguments: str) -> None:
        self.directory = tempfile.TemporaryDirectory(prefix="catalogue-")
        self.process = subprocess.Popen(
            [sys.executable, str(PACKAGE), str(habits), "--directory", self.directory.name, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        self.info: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.tls = ssl.create_default_context(cafile=self.info["ca_file"])
        self._tunnels: dict[str, http.client.HTTPSConnection] = {}

    def stop(self) -> int:
        """Closes standard input, by which the server is to end."""
        assert self.process.stdin is not None and self.process.stdout is not None
        for tunnel in self._tunnels.values():
            tunnel.close()
        self.process.stdin.close()
        self.process.stdout.close()
        status = self.process.wait(10)
        self.directory.cleanup()
        return status

    def tunnel(self, host: str, timeout: float = 10) -> http.client.HTTPSConnection:
        """A new connection to a host, through the proxy."""
        port = self.info["proxy_port"]
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=timeout, context=self.tls)
        connection.set_tunnel(host, 443)
        return connection

    def send(
        self, method: str, url: str, body: str | bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request on the kept connection to its host."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        if parts.netloc not in self._tunnels:
            self._tunnels[parts.netloc] = self.tunnel(parts.netloc)
        tunnel = self._tunnels[parts.netloc]
        tunnel.request(method, target, body, {"User-Agent": "tests", "Accept": "application/json", **(headers or {})})
        reply = tunnel.getresponse()
        return Answer(reply.status, reply.headers, reply.read())

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """A control request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.info["control_port"], timeout=10)
        connection.request(method, f"/control/{path}", None if body is None else json.dumps(body))
        reply = connection.getresponse()
        answer = Answer(reply.status, reply.headers, reply.read())
        connection.close()
        return answer

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A control request that succeeds."""
        answer = self.ask(method, path, body)
        assert answer.status == 200, answer.body
        return answer.json


def basic(client_id: str, secret: str) -> dict[str, str]:
    """HTTP Basic as RFC 6749 section 2.3.1 has it."""
    return raw_basic(f"{quote_plus(client_id)}:{quote_plus(secret)}")


def raw_basic(credentials: str) -> dict[str, str]:
    """HTTP Basic of exactly that."""
    return {"Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}"}


def form(parameters: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Body and headers of a form; a parameter that is empty is left out."""
    body = urlencode({name: value for name, value in parameters.items() if value})
    return body, {"Content-Type": "application/x-www-form-urlencoded"}


class CatalogueTestCase(unittest.TestCase):
    """Tests at one provider, with a fresh client for each."""

    provider = "acme"
    server: Process

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Process()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.stop()

    def setUp(self) -> None:
        self.server.control("DELETE", f"providers/{self.provider}/problems")
        self.client = self.server.control("POST", "clients", {"provider": self.provider})
        self.redirect_uri: str = self.client["redirect_uris"][0]
        self.verifier = secrets.token_urlsafe(32)

    @property
    def client_id(self) -> str:
        """The client's id."""
        return str(self.client["client_id"])

    @property
    def secret(self) -> str:
        """The client's secret."""
        return str(self.client["client_secret"])

    @property
    def challenge(self) -> str:
        """The challenge of the verifier."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()

    @property
    def report(self) -> Any:
        """What the provider says of this client."""
        return self.server.control("GET", f"providers/{self.provider}?client_id={quote_plus(self.client_id)}")

    def approve(self, url: str, parameters: Mapping[str, str], **more: str) -> Any:
        """The user consents to that; an empty parameter is left out."""
        query = urlencode({name: value for name, value in parameters.items() if value})
        return self.server.control("POST", "approve", {"provider": self.provider, "url": f"{url}?{query}", **more})

    def callback(self, url: str, parameters: Mapping[str, str], **more: str) -> dict[str, str]:
        """The parameters with which the user comes back."""
        answer = self.approve(url, parameters, **more)
        self.assertIn("location", answer, answer)
        return dict(parse_qsl(urlsplit(answer["location"]).query))

    def order(self, index: int, times: int = 1) -> Any:
        """Orders an error for this client."""
        order = {"provider": self.provider, "client_id": self.client_id, "index": index, "times": times}
        return self.server.control("POST", "errors", order)

    def check(self, token: str) -> Any:
        """Whether an access token is the current one."""
        return self.server.control("POST", "check", {"provider": self.provider, "access_token": token})

    def assert_no_problem(self) -> None:
        """Nothing did not fit."""
        self.assertEqual(self.report["problems"], [])

    def assert_problems(self, *problems: str) -> None:
        """Exactly this did not fit, since it was last asked."""
        path = f"providers/{self.provider}/problems?client_id={quote_plus(self.client_id)}"
        self.assertEqual(self.server.control("DELETE", path), list(problems))
