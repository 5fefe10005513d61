"""docs/upgrading.md, followed. Run by run.sh, inside a booted system."""

from __future__ import annotations

import unittest
from pathlib import Path

from guides import follow, shell
from machine import install_with_gmail
from packages import NEXT_PACKAGE, NEXT_VERSION, VERSION
from service import ctl, run
from support.provider import Provider


def status_of_package() -> str:
    """Empty where dpkg knows of no such package."""
    query = ("dpkg-query", "--show", "--showformat", "${db:Status-Abbrev}|${Version}", "toolauthd")
    return run(*query, check=False).stdout.strip()


class UpgradingTests(unittest.TestCase):
    """The way to the next version, back, and off the machine."""

    provider: Provider

    def setUp(self) -> None:
        self.provider = Provider()
        self.addCleanup(self.provider.stop)
        install_with_gmail(self.provider, "alice", "bob")

    def upgrade(self, command: str) -> str:
        printed = shell(command, directory=NEXT_PACKAGE.parent)
        self.assertEqual(status_of_package(), f"ii |{NEXT_VERSION}")
        ctl("refresh", "gmail", "alice")
        return printed

    def go_back(self, command: str) -> str:
        printed = shell(command)
        self.assertEqual(status_of_package(), f"ii |{VERSION}")
        return printed

    def resume(self, command: str) -> str:
        """What the provider replaced since the backup is spent; this one keeps to its word, as said in the guide."""
        printed = shell(command)
        ctl("refresh", "gmail", "bob")
        self.assertIn(ctl("token", "gmail", "bob").stdout.strip(), self.provider.active_tokens()["bob"])
        ctl("refresh", "gmail", "alice", check=False)
        return printed

    def remove(self, command: str) -> str:
        # apt asks whether to go on.
        printed = shell(command, stdin="y\n")
        self.assertEqual(status_of_package(), f"rc |{VERSION}")
        for kept in ("/var/lib/toolauthd/toolauthd.db", "/var/lib/toolauthd/master.key", "/etc/toolauthd/secret"):
            self.assertTrue(Path(kept).exists(), kept)
        return printed

    def purge(self, command: str) -> str:
        printed = shell(command, stdin="y\n")
        # Unknown, or known and not installed; `rc` would have files of its own left.
        self.assertIn(status_of_package().partition("|")[0].strip(), ("", "un"))
        for gone in ("/var/lib/toolauthd", "/etc/toolauthd"):
            self.assertFalse(Path(gone).exists(), gone)
        self.assertTrue(Path("/etc/systemd/system/toolauthd.service.d/notify-reload.conf").exists())
        return printed

    def test_the_guide(self) -> None:
        follow(
            "upgrading.md",
            ways={
                "apt install ./toolauthd_*.deb": self.upgrade,
                "dpkg --install ./toolauthd_*.deb": self.go_back,
                "toolauthctl resume": self.resume,
                "apt remove toolauthd": self.remove,
                "apt purge toolauthd": self.purge,
            },
            shows={
                "toolauthctl status": "toolauthd [0-9.]+, up",
                "toolauthd restore /var/backups/toolauthd.backup --force": "2 grants",
                "toolauthctl auths --status needs_reauthorization": "gmail +alice",
            },
        )


if __name__ == "__main__":
    unittest.main(failfast=True)
