"""docs/backup.md, followed. Run by run.sh, inside a booted system."""

from __future__ import annotations

import unittest
from pathlib import Path

from guides import follow, shell
from machine import install_with_gmail
from service import run
from support.provider import Provider

UNITS = ("toolauthd.socket", "toolauthd.service")


class BackupTests(unittest.TestCase):
    """The drill, under systemd."""

    def another_machine(self) -> None:
        """It is installed there, and has been started: it has a store and a key of its own."""
        run("systemctl", "stop", *UNITS)
        run("rm", "-rf", "/var/lib/toolauthd", "/etc/credstore.encrypted/toolauthd.key")
        # Nor has it counted how often the units were started.
        run("systemctl", "reset-failed", *UNITS, check=False)
        run("systemctl", "start", *UNITS)

    def test_the_guide(self) -> None:
        provider = Provider()
        self.addCleanup(provider.stop)
        install_with_gmail(provider, "alice")
        for directory in ("/mnt/backup", "/mnt/safe"):
            Path(directory).mkdir()
        token = shell("toolauthctl token gmail alice").strip()
        restore = "toolauthd restore /mnt/backup/drill.backup"
        credential = f"systemd-run --pipe --wait --property=LoadCredentialEncrypted=toolauthd.key {restore}"
        follow(
            "backup.md",
            before={
                "Restore on another machine": self.another_machine,
                "With the key as a credential": self.another_machine,
            },
            shows={
                "toolauthctl backup /mnt/backup/drill.backup": "The master key is not in it",
                restore: "1 grant",
                credential: "1 grant",
                "toolauthctl status": "restored from a backup",
            },
        )
        fresh = shell("toolauthctl token gmail alice").strip()
        self.assertNotEqual(fresh, token)
        self.assertIn(fresh, provider.active_tokens()["alice"])
        self.assertIn("From the credential toolauthd.key", shell("toolauthctl keys"))
        self.assertFalse(Path("/var/lib/toolauthd/master.key").exists())
        self.assertEqual(provider.counters()["reuse"], 0)


if __name__ == "__main__":
    unittest.main(failfast=True)
