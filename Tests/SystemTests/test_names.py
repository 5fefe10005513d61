"""The provider's name is looked up under the unit's hardening: run by run.sh, inside a booted system."""

from __future__ import annotations

import shutil
import unittest
from pathlib import Path

from name_server import NameServer
from service import configure, ctl, eventually, journal, message_id, prepare, run
from support.provider import Provider


class NamesTests(unittest.TestCase):
    """gmail's provider is at https://provider.test, which only a name server knows."""

    def test_a_name_is_looked_up_and_an_outage_of_that_is_survived(self) -> None:
        provider = Provider(tls=True)
        self.addCleanup(provider.stop)
        server = NameServer()
        Path("/etc/resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        prepare()
        endpoint = provider.info["token_endpoint"].replace("127.0.0.1", "provider.test")
        configure({**provider.info, "token_endpoint": endpoint})
        etc = Path("/etc/toolauthd")
        shutil.copy(provider.info["ca_file"], etc / "ca.pem")
        (etc / "ca.pem").chmod(0o644)
        (etc / "toolauthd.yaml").write_text("tls: {ca_file: /etc/toolauthd/ca.pem}\n")
        run("systemctl", "start", "toolauthd.socket", "toolauthd.service")

        url = ctl("authorize", "gmail", "alice").stdout.strip().splitlines()[-1]
        ctl("callback", "-", stdin=provider.consent(url, "alice"))
        token = ctl("token", "gmail", "alice").stdout.strip()
        self.assertIn(token, provider.active_tokens()["alice"])
        self.assertGreater(server.asked, 0)

        server.stop()
        # Connections are kept, and need no name.
        run("systemctl", "restart", "toolauthd.service")
        failed = ctl("refresh", "gmail", "alice", check=False)
        self.assertEqual(failed.returncode, 75, failed.stdout + failed.stderr)
        self.assertEqual(ctl("token", "gmail", "alice").stdout.strip(), token)

        server = NameServer()
        self.addCleanup(server.stop)

        def is_refreshed() -> bool:
            ctl("refresh", "gmail", "alice", check=False)
            return ctl("token", "gmail", "alice").stdout.strip() != token

        eventually(is_refreshed, 60, "a refresh once names are known again")
        self.assertIn(ctl("token", "gmail", "alice").stdout.strip(), provider.active_tokens()["alice"])
        degraded = journal(f"MESSAGE_ID={message_id('auth.degraded')}")
        self.assertTrue(any("provider.test" in line["MESSAGE"] for line in degraded), degraded)


if __name__ == "__main__":
    unittest.main(failfast=True)
