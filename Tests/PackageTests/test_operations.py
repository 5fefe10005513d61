"""docs/operations.md, followed; its alerts and metrics held against what there is. Run by run.sh, inside a booted system."""

from __future__ import annotations

import json
import os
import pwd
import re
import selectors
import shlex
import subprocess
import time
import unittest
from pathlib import Path

from guides import follow, shell
from machine import connect, install_with_gmail
from packages import ROOT
from service import PATIENCE, ctl, eventually, property_of, run
from support.provider import Provider

GUIDE = (ROOT / "docs" / "operations.md").read_text()
#: Seconds for which the daemon sends no refresh token again that somebody asks to have refreshed.
PACE = 10


class OperationsTests(unittest.TestCase):
    """The guide, at a machine with alice and bob connected to gmail."""

    provider: Provider

    @classmethod
    def setUpClass(cls) -> None:
        cls.provider = Provider()
        cls.addClassCleanup(cls.provider.stop)
        install_with_gmail(cls.provider, "alice", "bob")
        eventually(lambda: "2 tokens" in property_of("toolauthd", "StatusText"), PATIENCE, "the sentence to count both")

    def test_each_alert_has_its_paragraph(self) -> None:
        alerts = re.findall(r"alert: (\w+)", (ROOT / "Examples/prometheus/alerts.yaml").read_text())
        self.assertGreater(len(alerts), 5)
        self.assertEqual(re.findall(r"^### (Toolauthd\w+)$", GUIDE, re.MULTILINE), alerts)

    def in_a_terminal(self, command: str, typed: str) -> str:
        return shell(f"script --quiet --return --command {shlex.quote(command)} /dev/null", stdin=typed)

    def events(self, command: str) -> str:
        """It goes on until the daemon ends; here until bob's grant has ended."""
        deadline = time.monotonic() + PATIENCE
        with (
            subprocess.Popen(command.split(), stdout=subprocess.PIPE, text=True) as process,
            selectors.DefaultSelector() as selector,
        ):
            try:
                assert process.stdout is not None
                selector.register(process.stdout, selectors.EVENT_READ)
                self.end_the_grant_of_bob()
                # Nothing tells whether it listened already when the grant ended; if not, the next end is its first.
                while not selector.select(PACE + 2):
                    self.assertLess(time.monotonic(), deadline, "no event")
                    connect(self.provider, "bob")
                    self.end_the_grant_of_bob()
                line = process.stdout.readline()
                self.assertTrue(line, "it ended without an event")
            finally:
                # What is left goes on for ever, and leaving the block waits for it.
                process.kill()
        return line

    def end_the_grant_of_bob(self) -> None:
        self.provider.kill(user="bob")
        ctl("refresh", "gmail", "bob", check=False)

    def token_of_alice(self, command: str) -> str:
        printed = shell(command)
        self.assertIn(printed.strip(), self.provider.active_tokens()["alice"])
        return printed

    def of_ones_own(self, command: str) -> str:
        """As alice, after a login: her service manager runs then."""
        uid = pwd.getpwnam("alice").pw_uid
        run("systemctl", "start", f"user@{uid}.service")
        return shell(f"export XDG_RUNTIME_DIR=/run/user/{uid}; {command}", user="alice")

    def test_the_guide(self) -> None:
        follow(
            "operations.md",
            ways={
                "toolauthctl top": lambda it: self.in_a_terminal(it, "q"),
                "toolauthctl events --kind auth.reauthorization_required": self.events,
                "runuser -u alice -- toolauthctl token gmail": self.token_of_alice,
                "runuser -u nobody -- toolauthctl token gmail alice": lambda it: shell(it, exit_status=77),
                "toolauthctl delete gmail alice": lambda it: self.in_a_terminal(it, "y\n"),
                "systemctl --user enable --now toolauthd.socket toolauthd.service && toolauthctl status": self.of_ones_own,
            },
            shows={
                "systemctl status toolauthd": "2 tokens fresh; next refresh [0-9]{4}-",
                "curl --silent --fail http://127.0.0.1:9464/metrics": "toolauth_records",
                "toolauthctl events --kind auth.reauthorization_required": "bob",
            },
        )
        left = json.loads(ctl("auths", "--json").stdout)["auths"]
        self.assertEqual([(record["user_id"], record["status"]) for record in left], [("bob", "needs_reauthorization")])
        self.assertTrue(Path(pwd.getpwnam("alice").pw_dir, ".local/state/toolauthd/toolauthd.db").exists())

    def test_the_metrics_are_named_with_their_labels(self) -> None:
        # A family has samples once what it counts has happened, and the guide may have restarted the daemon since.
        connect(self.provider, "alice")
        ctl("token", "gmail", "alice")
        ctl("refresh", "gmail", "alice")
        page = run("curl", "--silent", "--fail", "--unix-socket", "/run/toolauthd/api.sock", "http://localhost/metrics")
        families = dict(re.findall(r"^# TYPE (toolauth_\w+) (\w+)$", page.stdout, re.MULTILINE))
        table = dict(re.findall(r"^\| `(toolauth_\w+)` \| ([a-z, ]*?) ?\|", GUIDE, re.MULTILINE))
        self.assertEqual(set(table), set(families))
        for name, named in table.items():
            labels = {
                label
                for sample in re.findall(rf"^{name}(?:_bucket|_sum|_count)?{{(.*)}} ", page.stdout, re.MULTILINE)
                for label in re.findall(r'(\w+)="', sample)
            }
            # A refresh that nothing was due for has no lag; else every family has samples by now.
            if labels or name != "toolauth_refresh_lag_seconds":
                self.assertEqual(set(filter(None, named.split(", "))), labels - {"le"}, name)


if __name__ == "__main__":
    os.environ["SYSTEMD_COLORS"] = "0"
    unittest.main(failfast=True)
