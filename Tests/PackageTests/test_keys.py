"""docs/keys.md, followed. Run by run.sh, inside a booted system."""

from __future__ import annotations

import json
import unittest
from pathlib import Path

from guides import follow, shell, steps
from machine import install_with_gmail
from support.provider import Provider


def oldest_key() -> str:
    keys: list[dict[str, str]] = json.loads(shell("toolauthctl keys --json"))["keys"]
    return keys[0]["key_id"]


class KeysTests(unittest.TestCase):
    """New keys, and the way from the key file to a credential, under systemd."""

    def test_the_guide(self) -> None:
        provider = Provider()
        self.addCleanup(provider.stop)
        install_with_gmail(provider, "alice")
        Path("/mnt/safe").mkdir()
        first = oldest_key()
        # The newest key is not retired, so a command that retires KEY means the one before.
        follow("keys.md", names={"KEY": RetiredKey()})
        self.assertNotEqual(oldest_key(), first)
        self.assertEqual(len(json.loads(shell("toolauthctl keys --json"))["keys"]), 1)
        self.assertIn("From the credential toolauthd.key", shell("toolauthctl keys"))
        shell("toolauthctl refresh gmail alice")
        self.assertIn(shell("toolauthctl token gmail alice").strip(), provider.active_tokens()["alice"])
        self.assertFalse(Path("/var/lib/toolauthd/master.key").exists())
        self.assertEqual(provider.counters()["reuse"], 0)
        self.assert_a_credential_that_cannot_be_read_stays()

    def assert_a_credential_that_cannot_be_read_stays(self) -> None:
        """The guide's commands read it, change it, and put it back."""
        credential = Path("/etc/credstore.encrypted/toolauthd.key")
        credential.write_text("no credential\n")
        commands = [step.text for step in steps("keys.md") if step.text.startswith("systemd-creds decrypt")]
        self.assertEqual(len(commands), 2)
        for command in commands:
            shell(f"set -o pipefail; {command}", exit_status=1)
            self.assertEqual(credential.read_text(), "no credential\n")


class RetiredKey:
    """The key that a paragraph of the guide retires: the oldest there is when the paragraph begins."""

    def __init__(self) -> None:
        self.name = ""

    def __call__(self) -> str:
        keys = json.loads(shell("toolauthctl keys --json"))["keys"]
        if len(keys) > 1:
            self.name = str(keys[0]["key_id"])
        return self.name


if __name__ == "__main__":
    unittest.main(failfast=True)
