"""docs/first-tool.md, followed. Run by run.sh, inside a booted system."""

from __future__ import annotations

import secrets
import subprocess
import tempfile
import threading
import unittest
import urllib.request
from pathlib import Path

from google import Google
from guides import follow, shell, steps
from machine import prepare_machine
from service import PATIENCE, ctl

REDIRECT_URI = "http://127.0.0.1:8790/callback"


class FirstToolTests(unittest.TestCase):
    """Gmail for alice, at a stand-in for Google."""

    google: Google
    url: str

    def setUp(self) -> None:
        prepare_machine()
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.secret = f"GOCSPX-{secrets.token_urlsafe(20)}"
        tool = next(step for step in steps("first-tool.md") if step.file is not None)
        client_id = tool.text.split('client_id: "')[1].split('"')[0]
        self.google = Google(Path(temporary.name), client_id, self.secret, REDIRECT_URI)
        self.addCleanup(self.google.stop)

    def behind_the_proxy(self) -> None:
        """The way to the stand-in, as on a machine behind a proxy; the restart that comes takes it."""
        etc = Path("/etc/toolauthd")
        (etc / "ca.pem").write_bytes(self.google.ca_file.read_bytes())
        (etc / "ca.pem").chmod(0o644)
        (etc / "toolauthd.yaml").write_text(f"proxy: {self.google.proxy}\ntls: {{ca_file: /etc/toolauthd/ca.pem}}\n")
        to_gmail = f"gmail.googleapis.com:443:127.0.0.1:{self.google.gmail_port}"
        (Path.home() / ".curlrc").write_text(f'cacert = /etc/toolauthd/ca.pem\nconnect-to = "{to_gmail}"\nfail\n')

    def authorize(self, command: str) -> str:
        printed = shell(command)
        self.url = printed.strip().splitlines()[-1]
        return printed

    def authorize_and_wait(self, command: str) -> str:
        """The browser comes to the daemon by itself."""
        with subprocess.Popen(command.split(), stdout=subprocess.PIPE, text=True) as process:
            # Reading has no time limit of its own: one that says nothing is ended, and then there is no more to read.
            patience = threading.Timer(PATIENCE, process.kill)
            patience.start()
            try:
                assert process.stdout is not None
                url = process.stdout.readline()
                self.assertTrue(url.startswith("https://"), f"no URL, but {url!r}")
                printed = url
                with urllib.request.urlopen(self.google.approve(url.strip()), timeout=PATIENCE) as page:
                    self.assertEqual(page.status, 200)
                    printed += str(page.read(), encoding="utf-8")
                printed += process.stdout.read()
                self.assertEqual(process.wait(PATIENCE), 0, printed)
            finally:
                patience.cancel()
                process.kill()
        return printed

    def test_the_guide(self) -> None:
        follow(
            "first-tool.md",
            before={"Tell it of the client": self.behind_the_proxy},
            ways={
                "install -m 600 /dev/stdin /etc/toolauthd/secrets/gmail": lambda it: shell(
                    it, stdin=f"{self.secret}\n"
                ),
                "toolauthctl authorize gmail alice": self.authorize,
                "toolauthctl callback -": lambda it: shell(it, stdin=f"{self.google.approve(self.url)}\n"),
                "toolauthctl token gmail": lambda it: shell(it, user="alice"),
                "toolauthctl authorize gmail alice --wait": self.authorize_and_wait,
            },
            shows={
                "apt install ./toolauthd_*.deb": "Setting up toolauthd",
                "systemctl status toolauthd": "No tools are configured",
                "toolauthctl status": "gmail +available +1",
                "toolauthctl providers show google": "console.cloud.google.com",
                "toolauthctl token gmail alice --header | curl -H @- https://gmail.googleapis.com/gmail/v1/users/me/profile": (
                    "alice@example.com"
                ),
            },
        )
        self.assertTrue(self.google.is_current(ctl("token", "gmail", "alice").stdout.strip()))
        # That of `tools test`, which no grant has.
        self.assertEqual(self.google.seen()["problems"], ["refresh: refresh_token is no token that was given"])
        self.assertEqual(self.google.seen()["exchanges"], 2)
        kept = b"".join(path.read_bytes() for path in Path("/var/lib/toolauthd").iterdir())
        self.assertNotIn(self.secret.encode(), kept)


if __name__ == "__main__":
    unittest.main(failfast=True)
