"""A stop while the disk is full: run by run.sh, inside a booted system."""

from __future__ import annotations

import subprocess
import time
import unittest
from pathlib import Path

from service import PATIENCE, configure, ctl, eventually, journal, message_id, prepare, property_of, run
from support.provider import Provider
from support.small_disk import SmallDisk

STATE = Path("/var/lib/toolauthd")
SERVICE = "toolauthd.service"
#: Seconds that the manager would wait for a stop that does not ask for more.
TIMEOUT = 5


class FullDiskTests(unittest.TestCase):
    """What a provider sent to a daemon that cannot store it outlives a stop that takes longer than the manager waits."""

    def test_a_stop_waits_for_room(self) -> None:
        prepare()
        provider = Provider()
        self.addCleanup(provider.stop)
        configure(provider.info)
        STATE.mkdir()
        disk = SmallDisk(STATE, 4096)
        run("chown", "toolauthd:toolauthd", str(STATE))
        drop_in = Path(f"/etc/systemd/system/{SERVICE}.d/stop.conf")
        drop_in.parent.mkdir(parents=True)
        drop_in.write_text(f"[Service]\nTimeoutStopSec={TIMEOUT}\n")
        run("systemctl", "daemon-reload")
        run("systemctl", "start", "toolauthd.socket", SERVICE)
        url = ctl("authorize", "gmail", "alice").stdout.strip().splitlines()[-1]
        ctl("callback", "-", stdin=provider.consent(url, "alice"))
        token = ctl("token", "gmail", "alice").stdout.strip()

        # The request is on its way when the disk fills.
        provider.switch(latency=2)
        with subprocess.Popen(["toolauthctl", "refresh", "gmail", "alice"], stderr=subprocess.DEVNULL) as client:
            try:
                eventually(lambda: self.is_asked(provider), 30, "the refresh to be sent")
                eventually(lambda: self.is_failing(disk), 30, "the store to take nothing")
                eventually(
                    lambda: "1 refresh in memory alone" in property_of(SERVICE, "StatusText"),
                    30,
                    "the status to say so",
                )
                run("systemctl", "stop", "--no-block", "toolauthd.socket", SERVICE)
                eventually(self.is_past_the_timeout, PATIENCE, "the stop to take longer than the manager waits")
                disk.make_room()
                eventually(lambda: property_of(SERVICE, "ActiveState") == "inactive", PATIENCE, "the stop to end")
            finally:
                client.kill()
        self.assertEqual(property_of(SERVICE, "Result"), "success")
        self.assertEqual(journal(f"MESSAGE_ID={message_id('tokensLost')}"), [])

        provider.switch(latency=0)
        run("systemctl", "start", "toolauthd.socket", SERVICE)
        kept = ctl("token", "gmail", "alice").stdout.strip()
        self.assertNotEqual(kept, token)
        self.assertIn(kept, provider.active_tokens()["alice"])
        self.assertEqual(provider.counters()["reuse"], 0)

    def is_past_the_timeout(self) -> bool:
        """Of a stop that has begun and goes on."""
        state = property_of(SERVICE, "ActiveState")
        self.assertIn(state, ("active", "deactivating"))
        began = int(property_of(SERVICE, "StateChangeTimestampMonotonic")) / 1e6
        return state == "deactivating" and time.clock_gettime(time.CLOCK_MONOTONIC) > began + TIMEOUT * 2

    def is_asked(self, provider: Provider) -> bool:
        return any("grant_type=refresh_token" in request.get("body", "") for request in provider.requests())

    def is_failing(self, disk: SmallDisk) -> bool:
        """Room that the daemon itself makes, as by cutting its log, is taken too."""
        disk.fill()
        return "in memory alone" in ctl("status").stdout


if __name__ == "__main__":
    unittest.main(failfast=True)
