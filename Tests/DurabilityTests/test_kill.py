"""SIGKILL at any moment, while hundreds of rotating records refresh."""

from __future__ import annotations

import json
import time
import unittest

from support.case import DurabilityTestCase, seeded
from support.checks import assert_all_refresh, assert_no_reuse, assert_nothing_lost
from support.daemon import Daemon
from support.polling import eventually
from support.traffic import Traffic
from support.world import World

RECORDS = 500
KILLS = 50
#: As long as the daemon, killed again and again on a busy machine, may take to get back to a record it was refreshing.
REPLAY_WINDOW = 30
#: Due 10 s after each refresh, the soonest there is: 50 refreshes a second.
LIFETIME = 20
#: A refresh is under way so long at least: at any moment, about five are.
LATENCY = 0.1
#: Most kills come within this of serving, and some within the next of the start.
LONGEST_LIFE, LONGEST_START = 2.0, 0.3


class KillTests(DurabilityTestCase):
    def start_refreshing(self, world: World, records: int) -> Daemon:
        """Imports grants that come due over ten seconds, and returns the daemon once it refreshes them."""
        daemon = world.start()
        world.connect((f"alice-{number}" for number in range(records)), lambda: self.random.randint(20, 40))
        eventually(
            lambda: world.provider.counters()["rotations"],
            lambda seen: seen > 0,
            60,
            "refreshes under way at the provider",
        )
        return daemon

    def kill_once(self, world: World, daemon: Daemon) -> Daemon:
        """Kills the daemon at a random moment, while somebody reads, and returns the one started then."""
        if self.random.random() < 0.2:
            # Within the start: a crash loop.
            self.assertFalse(daemon.ends_within(self.random.uniform(0, LONGEST_START)), "expected it to start")
            daemon.kill()
        else:
            daemon.wait_until_serving()
            with Traffic(world, self.random):
                self.assertFalse(daemon.ends_within(self.random.uniform(0, LONGEST_LIFE)), "expected it to go on")
                daemon.kill()
        return world.spawn()

    @seeded
    def test_killed_at_50_random_moments_every_record_still_refreshes(self) -> None:
        world = self.world(REPLAY_WINDOW, lifetime=LIFETIME, latency=LATENCY)
        daemon = self.start_refreshing(world, RECORDS)
        began = time.monotonic()
        for _ in range(KILLS):
            daemon = self.kill_once(world, daemon)
        daemon.wait_until_serving()
        took = time.monotonic() - began
        records = assert_nothing_lost(self, world)
        self.assertEqual(len(records), RECORDS)
        assert_all_refresh(self, world)
        listed = json.loads(world.toolauthctl("auths", "--status", "healthy", "--json"))["auths"]
        self.assertEqual(len(listed), RECORDS, "expected toolauthctl to list every record as healthy")
        counters = assert_no_reuse(self, world)
        self.say(
            f"{KILLS} kills in {took:.0f} s; {counters['rotations']} refreshes,"
            f" of which {counters['replays_in_window']} repeat one whose reply was lost"
        )
        self.assertEqual(counters["dead_refresh_tokens"], 0, "expected no dead refresh token sent")
        self.assertEqual(counters["refused"], {}, "expected no request that the provider refused")
        self.assertGreater(counters["replays_in_window"], 0, "expected kills that hit refreshes in flight")

    @seeded
    def test_that_this_would_notice_a_refresh_token_sent_twice(self) -> None:
        """The same at a provider that, other than the daemon is told, has no replay window."""
        world = self.world(REPLAY_WINDOW, lifetime=LIFETIME, latency=LATENCY)
        daemon = self.start_refreshing(world, 60)
        world.provider.switch(replay_window=0)
        for _ in range(KILLS):
            daemon = self.kill_once(world, daemon)
            if world.provider.counters()["reuse"]:
                break
        with self.assertRaisesRegex(AssertionError, "outside its replay window"):
            assert_no_reuse(self, world)
        daemon.wait_until_serving()
        with self.assertRaisesRegex(AssertionError, "expected nobody to need reauthorization"):
            assert_all_refresh(self, world)


if __name__ == "__main__":
    unittest.main()
