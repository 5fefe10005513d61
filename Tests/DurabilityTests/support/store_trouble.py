"""One story for whatever keeps the store from being written: reads go on, nothing is lost, it recovers by itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from support.api import Answer, Client
from support.case import DurabilityTestCase
from support.checks import assert_all_refresh, assert_no_reuse, assert_nothing_lost
from support.polling import eventually
from support.traffic import Traffic
from support.world import World

RECORDS = 60
LIFETIME = 40
#: Of the first tokens. They are due after half of it, one after the other, and go on working for as long again.
SHORTEST, LONGEST = 24, 60
#: Longer than the trouble: a reply that could not be stored when the daemon was killed can be had again.
REPLAY_WINDOW = 300
#: So long that three refreshes are under way at most moments.
LATENCY = 1.0
UNDER_WAY = 3
#: The daemon waits some seconds for a lock before it says that the store cannot be written.
TROUBLE_PATIENCE = 60
#: Short, for meanwhile tokens end that are to be read.
SAYING_PATIENCE = 10
READS = 100


class StoreTroubleTestCase(DurabilityTestCase):
    """What the tests of store trouble share."""

    def troubled_world(self) -> World:
        """A world whose store is still to be made."""
        return self.world(REPLAY_WINDOW, lifetime=LIFETIME, latency=LATENCY)

    def start_refreshing(self, world: World) -> Answer:
        """
        Starts the daemon and imports grants that come due one after the other.

        Returns the daemon's status as soon as refreshes are under way: the next moment is one for trouble.
        """
        world.start()
        world.connect((f"alice-{number}" for number in range(RECORDS)), lambda: self.random.randint(SHORTEST, LONGEST))
        with world.client() as client:
            status = client.status()
        eventually(
            lambda: world.provider.counters()["concurrent"].get("token", 0),
            lambda seen: seen >= UNDER_WAY,
            TROUBLE_PATIENCE,
            f"{UNDER_WAY} refreshes under way",
            step=0.02,
        )
        return status

    def wait_until_refused(self, world: World, renew: Callable[[], None] = lambda: None) -> None:
        """
        Returns once the store refuses writes, and refreshes are held up by that.

        `renew` is called before each look, for a trouble that could wear off.
        """
        numbers = itertools.count(1)

        def ask(client: Client) -> str:
            renew()
            user = f"bob-{next(numbers)}"
            answer = world.ledger.put_grant(client, user, world.provider.grant(user))
            return answer.problem or str(answer.status)

        def lag(client: Client) -> float:
            renew()
            return float(client.status().body["lag_seconds"])

        with world.client() as client:
            refused = "an import refused as store-unavailable"
            eventually(lambda: ask(client), lambda seen: seen == "store-unavailable", TROUBLE_PATIENCE, refused)
            eventually(lambda: lag(client), lambda seen: seen > 1, TROUBLE_PATIENCE, "refreshes more than 1 s late")

    def wait_for_reads(self, traffic: Traffic) -> None:
        """Returns after a number of reads more."""
        before = traffic.answers["read 200"]
        eventually(
            lambda: traffic.answers["read 200"] - before, lambda seen: seen >= READS, TROUBLE_PATIENCE, f"{READS} reads"
        )

    def assert_it_says_so(self, world: World, before: Answer) -> None:
        """Health and status tell of the trouble; `before`: the status without."""
        self.assertIsNone(before.body["store_problem"])
        with world.client() as client:
            eventually(
                client.health,
                lambda seen: (seen.status, seen.body["status"]) == (200, "degraded"),
                SAYING_PATIENCE,
                "healthz to be 200 and degraded",
            )
            status = client.status()
        self.assertEqual(status.status, 200, f"expected the status to be readable: {status}")
        self.assertTrue(status.body["store_problem"], f"expected the status to say what is wrong: {status}")

    def assert_recovered(self, world: World) -> int:
        """All is well again, without anybody's help; returns how many refreshes repeated one whose reply was lost."""
        with world.client() as client:
            eventually(
                lambda: client.health().body["status"], lambda seen: seen == "ok", TROUBLE_PATIENCE, "healthz to be ok"
            )
        assert_nothing_lost(self, world)
        assert_all_refresh(self, world)
        world.connect(["bob"])
        counters = assert_no_reuse(self, world)
        self.say(f"{counters['rotations']} refreshes, {counters['replays_in_window']} of which repeat one")
        return int(counters["replays_in_window"])
