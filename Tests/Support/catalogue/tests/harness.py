"""A server process for tests, a client that goes through its proxy, and a flow that a test may bend."""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
import tempfile
import unittest
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from serving.asking import Answer, challenge_of, start, stop

PACKAGE = Path(__file__).resolve().parent.parent
HABITS = Path(__file__).resolve().parent / "habits"


class Process:
    """A running server, and kept connections through it."""

    def __init__(self, habits: Path = HABITS, *arguments: str) -> None:
        self.directory = tempfile.TemporaryDirectory(prefix="catalogue-")
        self.process, self.info = start(PACKAGE, str(habits), "--directory", self.directory.name, *arguments)
        self.tls = ssl.create_default_context(cafile=self.info["ca_file"])
        self._tunnels: dict[str, http.client.HTTPSConnection] = {}

    def stop(self) -> int:
        """Closes standard input, by which the server is to end."""
        for tunnel in self._tunnels.values():
            tunnel.close()
        status = stop(self.process)
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
        return Answer.of(reply)

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """A control request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.info["control_port"], timeout=10)
        connection.request(method, f"/control/{path}", None if body is None else json.dumps(body))
        reply = connection.getresponse()
        answer = Answer.of(reply)
        connection.close()
        return answer

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A control request that succeeds."""
        answer = self.ask(method, path, body)
        assert answer.status == 200, answer.body
        return answer.json


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
        return challenge_of(self.verifier)

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
