"""A stop in good order, while a provider takes its time."""

from __future__ import annotations

import unittest

from support.case import DurabilityTestCase, seeded
from support.checks import assert_all_refresh, assert_no_reuse, assert_nothing_lost
from support.polling import eventually

#: As many as are sent at once to an endpoint of which nothing is known yet.
RECORDS = 4
#: The daemon waits 30 s for a reply.
LATENCY = 28
#: Due within seconds of the import.
LIFETIME = 4


class StopTests(DurabilityTestCase):
    @seeded
    def test_what_is_in_flight_at_a_stop_is_kept_though_the_provider_takes_almost_half_a_minute(self) -> None:
        # No replay window: a rotated refresh token that were not kept would be the end of its grant.
        world = self.world(replay_window=0, lifetime=20)
        daemon = world.start()
        world.provider.switch(latency=LATENCY)
        world.connect((f"alice-{number}" for number in range(RECORDS)), lambda: LIFETIME)
        before = world.records()
        eventually(
            lambda: world.provider.counters()["requests"].get("token", 0),
            lambda seen: seen == RECORDS,
            60,
            "every refresh to be under way at the provider",
        )
        self.assertEqual(world.provider.counters()["rotations"], 0, "expected the stop to come before the replies")
        daemon.stop()
        self.assertEqual(world.provider.counters()["rotations"], RECORDS, "expected all replies before the end")

        world.provider.switch(latency=0)
        world.start()
        for user, record in world.records().items():
            self.assertGreater(record["generation"], before[user]["generation"], user)
            self.assertEqual(record["status"], "healthy", user)
        assert_nothing_lost(self, world)
        assert_all_refresh(self, world)
        assert_no_reuse(self, world)


if __name__ == "__main__":
    unittest.main()
