"""A provider process of a test's own, and a client that speaks to it as it is told to."""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
import unittest
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from serving.asking import Answer, basic, challenge_of, start, stop

PROVIDER = Path(__file__).resolve().parent.parent


class Process:
    """A running provider."""

    def __init__(self, *arguments: str) -> None:
        self.process, self.info = start(PROVIDER, *arguments)
        self.tls = ssl.create_default_context(cafile=self.info["ca_file"]) if self.info["ca_file"] else None
        self.connection = self.connect()

    def stop(self) -> int:
        """Closes standard input, by which the provider is to end."""
        self.connection.close()
        return stop(self.process)

    def connect(self) -> http.client.HTTPConnection:
        """A new connection, kept between requests."""
        if self.tls is None:
            return http.client.HTTPConnection("127.0.0.1", self.info["port"], timeout=10)
        return http.client.HTTPSConnection("127.0.0.1", self.info["port"], timeout=10, context=self.tls)

    def send(
        self, method: str, url: str, body: str | bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request on the kept connection; raises what http.client raises, and then connects anew."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            self.connection.request(method, target, body, headers or {})
            reply = self.connection.getresponse()
            return Answer.of(reply)
        except Exception:
            self.connection.close()
            self.connection = self.connect()
            raise

    def post(self, url: str, parameters: dict[str, str], headers: dict[str, str] | None = None) -> Answer:
        """A form, without client authentication but what is in it."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", url, urlencode(parameters), form | (headers or {}))

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A control request, over the port of its own; raises AssertionError unless it succeeds."""
        parts = urlsplit(self.info["control"])
        connection = http.client.HTTPConnection("127.0.0.1", parts.port or 0, timeout=10)
        connection.request(method, f"{parts.path}/{path}", None if body is None else json.dumps(body))
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        assert reply.status == 200, text
        return json.loads(text)


class ProviderTestCase(unittest.TestCase):
    """Tests against one provider, reset before each."""

    arguments: tuple[str, ...] = ()
    provider: Process

    @classmethod
    def setUpClass(cls) -> None:
        cls.provider = Process(*cls.arguments)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.provider.stop()

    def setUp(self) -> None:
        self.provider.control("POST", "reset")
        self.info = self.provider.info
        self.client = basic(self.info["client_id"], self.info["client_secret"])
        self.verifier = secrets.token_urlsafe(32)
        self.redirect_uri = self.info["redirect_uris"][0]

    def set(self, **switches: Any) -> None:
        """Sets switches."""
        self.provider.control("PATCH", "switches", switches)

    def spoil(self, *rules: Any) -> Any:
        """Adds failure rules."""
        return self.provider.control("POST", "failures", list(rules))

    @property
    def counters(self) -> dict[str, Any]:
        """The counters as they are now."""
        counters: dict[str, Any] = self.provider.control("GET", "counters")
        return counters

    def authorization_request(self, **parameters: str) -> str:
        """The query of a good authorization request, but for `parameters`; an empty one is left out."""
        query = {
            "response_type": "code",
            "client_id": self.info["client_id"],
            "redirect_uri": self.redirect_uri,
            "scope": "read write",
            "state": "a-state",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
        }
        return urlencode({name: value for name, value in (query | parameters).items() if value})

    def visit(self, **parameters: str) -> Answer:
        """What the browser gets at the authorization endpoint."""
        return self.provider.send(
            "GET", f"{self.info['authorization_endpoint']}?{self.authorization_request(**parameters)}"
        )

    def callback(self, **parameters: str) -> dict[str, str]:
        """The parameters of the redirect back."""
        answer = self.visit(**parameters)
        self.assertEqual(answer.status, 302, answer.body)
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def token(self, headers: dict[str, str] | None = None, **parameters: str) -> Answer:
        """A token request; of the confidential client unless `headers` says otherwise."""
        return self.provider.post(self.info["token_endpoint"], parameters, self.client if headers is None else headers)

    def exchange(self, code: str, /, **parameters: str) -> Answer:
        """A good exchange of `code`, but for `parameters`."""
        good = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        good["code_verifier"] = self.verifier
        return self.token(None, **{name: value for name, value in (good | parameters).items() if value})

    def tokens(self, **parameters: str) -> Any:
        """The reply to a whole flow."""
        answer = self.exchange(self.callback(**parameters)["code"])
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def refresh(self, refresh_token: str, **parameters: str) -> Answer:
        """A refresh."""
        return self.token(None, grant_type="refresh_token", refresh_token=refresh_token, **parameters)

    def whoami(self, access_token: str) -> Answer:
        """A request to the user's API."""
        return self.provider.send("GET", self.info["api"], headers={"Authorization": f"Bearer {access_token}"})

    def assert_refused(self, answer: Answer, error: str, status: int = 400) -> None:
        """The answer is an OAuth error."""
        self.assertEqual((answer.status, answer.json.get("error")), (status, error), answer.body)
