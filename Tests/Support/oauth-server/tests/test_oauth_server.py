"""The server does what the tests that lean on it take for granted."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from approve import Browser, Page, approve

SERVER = Path(__file__).resolve().parent.parent / "oauth_server.py"


def command(*arguments: str) -> str:
    """What oauth_server.py prints."""
    done = subprocess.run([sys.executable, str(SERVER), *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


class ServerTests(unittest.TestCase):
    options: tuple[str, ...] = ("--users", "3")
    text: str
    info: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        cls.text = command("start", *cls.options)
        cls.info = json.loads(cls.text)

    @classmethod
    def tearDownClass(cls) -> None:
        command("stop", cls.text)

    def setUp(self) -> None:
        self.browser = Browser(self.info["ca_file"])
        self.verifier = secrets.token_urlsafe(32)

    def request(self, **changes: str) -> str:
        """An authorization URL."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.info["client_id"],
            "redirect_uri": self.info["redirect_uris"][0],
            "scope": "read write",
            "state": "a-state",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        query = {name: value for name, value in (query | changes).items() if value}
        return f"{self.info['authorization_endpoint']}?{urlencode(query)}"

    def callback(self, user: str = "alice", allow: bool = True, **changes: str) -> dict[str, str]:
        """The parameters of the callback."""
        return dict(parse_qsl(urlsplit(approve(self.info, self.request(**changes), user, allow)).query))

    def post(self, endpoint: str, **parameters: str) -> Page:
        """A request of the confidential client."""
        client = {"client_id": self.info["client_id"], "client_secret": self.info["client_secret"]}
        return self.browser.open(self.info[endpoint], client | parameters)

    def tokens(self, user: str = "alice", **changes: str) -> Any:
        """The reply to a whole flow."""
        page = self.post(
            "token_endpoint",
            grant_type="authorization_code",
            code=self.callback(user, True, **changes)["code"],
            redirect_uri=self.info["redirect_uris"][0],
            code_verifier=self.verifier,
        )
        self.assertEqual(page.status, 200, page.text)
        return json.loads(page.text)

    def refresh(self, refresh_token: str) -> Page:
        """A refresh."""
        return self.post("token_endpoint", grant_type="refresh_token", refresh_token=refresh_token)

    def active(self, token: str) -> bool:
        """What introspection says."""
        return bool(json.loads(self.post("introspection_endpoint", token=token).text)["active"])

    def counts(self, user: str) -> dict[str, int]:
        """What was counted of a user."""
        counts: dict[str, int] = json.loads(command("status", self.text))["users"].get(user, {})
        return counts

    def test_a_flow_and_refreshes_with_rotation(self) -> None:
        callback = self.callback()
        self.assertEqual((callback["state"], callback["iss"]), ("a-state", self.info["issuer"]))
        tokens = self.tokens("user-001", scope="openid read")
        self.assertEqual((tokens["token_type"], tokens["expires_in"]), ("Bearer", 60))
        self.assertIn("id_token", tokens)
        self.assertTrue(self.active(tokens["access_token"]))
        for _ in range(3):
            page = self.refresh(tokens["refresh_token"])
            self.assertEqual(page.status, 200, page.text)
            self.assertNotEqual(json.loads(page.text)["refresh_token"], tokens["refresh_token"])
            tokens = json.loads(page.text)
        self.assertEqual(self.counts("user-001"), {"exchange": 1, "refresh": 3})

    def test_reuse_is_counted_and_ends_the_grant(self) -> None:
        before = int(command("reuse-count", self.text))
        first = self.tokens("user-002")
        second = json.loads(self.refresh(first["refresh_token"]).text)
        self.assertEqual(json.loads(self.refresh(first["refresh_token"]).text)["error"], "invalid_grant")
        self.assertEqual(int(command("reuse-count", self.text)), before + 1)
        self.assertEqual(json.loads(self.refresh(second["refresh_token"]).text)["error"], "invalid_grant")
        self.assertEqual(self.counts("user-002")["refresh"], 1)

    def test_a_token_never_issued_is_no_reuse(self) -> None:
        before = int(command("reuse-count", self.text))
        self.assertEqual(json.loads(self.refresh("never-issued").text)["error"], "invalid_grant")
        self.assertEqual(int(command("reuse-count", self.text)), before)

    def test_revocation_ends_a_token(self) -> None:
        tokens = self.tokens("bob")
        self.assertEqual(self.post("revocation_endpoint", token=tokens["refresh_token"]).status, 200)
        self.assertFalse(self.active(tokens["access_token"]))
        self.assertEqual(json.loads(self.refresh(tokens["refresh_token"]).text)["error"], "invalid_grant")

    def test_a_user_may_say_no(self) -> None:
        self.assertEqual(self.callback(allow=False)["error"], "access_denied")

    def test_pkce_is_required(self) -> None:
        self.assertEqual(self.callback(code_challenge="", code_challenge_method="")["error"], "invalid_request")

    def test_the_pages_tell_a_person_how_to_log_in(self) -> None:
        login = self.browser.open(self.browser.open(self.request()).location or "")
        self.assertIn("alice-password", login.text)
        self.assertEqual(self.browser.open(self.info["issuer"].removesuffix("/o") + "/").status, 200)


class HTTPSTests(ServerTests):
    options = ("--users", "3", "--https", "--grace-period", "60")

    def test_reuse_is_counted_and_ends_the_grant(self) -> None:
        """Within the grace period it does neither."""
        before = int(command("reuse-count", self.text))
        first = self.tokens("user-003")
        self.assertEqual(self.refresh(first["refresh_token"]).status, 200)
        self.assertEqual(self.refresh(first["refresh_token"]).status, 200)
        self.assertEqual(int(command("reuse-count", self.text)), before)
        self.assertEqual(self.counts("user-003")["replay_in_grace"], 1)


class ProcessTests(unittest.TestCase):
    def test_run_ends_with_its_standard_input_and_removes_its_files(self) -> None:
        process = subprocess.Popen(
            [sys.executable, str(SERVER), "run"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        output, _ = process.communicate("", timeout=60)
        self.assertEqual(process.returncode, 0)
        info = json.loads(output)
        self.assertFalse(Path(info["directory"]).exists())
        self.assertFalse(Path(f"/proc/{info['pid']}").exists())

    def test_stop_removes_its_files_and_may_come_twice(self) -> None:
        text = command("start")
        info = json.loads(text)
        self.assertTrue((Path(info["directory"]) / "info.json").exists())
        command("stop", text)
        self.assertFalse(Path(info["directory"]).exists())
        # A process that nobody waited for has no command line any more.
        command_line = Path(f"/proc/{info['pid']}/cmdline")
        self.assertEqual(command_line.read_bytes() if command_line.exists() else b"", b"")
        command("stop", text)
