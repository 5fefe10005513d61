"""Another program that holds the lock of the database."""

from __future__ import annotations

import sqlite3
import unittest
from collections.abc import Iterator
from contextlib import closing, contextmanager

from support.case import seeded
from support.checks import assert_nothing_lost
from support.store_trouble import StoreTroubleTestCase
from support.traffic import Traffic
from support.world import World


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Holds SQLite's write lock, as somebody would with `BEGIN EXCLUSIVE` in a shell; readers of a WAL may go on."""
    with closing(sqlite3.connect(world.state / "toolauthd.db", isolation_level=None, timeout=30)) as database:
        database.execute("BEGIN EXCLUSIVE")
        yield
        database.execute("ROLLBACK")


class LockedDatabaseTests(StoreTroubleTestCase):
    @seeded
    def test_reads_go_on_nothing_is_lost_and_unlocked_all_refresh(self) -> None:
        world = self.troubled_world()
        before = self.start_refreshing(world)
        with Traffic(world, self.random, readers=1, impatient_readers=1) as traffic:
            with locked(world):
                self.wait_until_refused(world)
                self.wait_for_reads(traffic)
                with self.subTest("it says so"):
                    self.assert_it_says_so(world, before)
            repeated = self.assert_recovered(world)
        self.say(f"{dict(traffic.answers)}")
        assert_nothing_lost(self, world)
        self.assertEqual(repeated, 0, "expected the replies that came meanwhile to be kept, and stored in the end")

    @seeded
    def test_killed_meanwhile_it_loses_nothing_either(self) -> None:
        world = self.troubled_world()
        self.start_refreshing(world)
        with locked(world):
            self.wait_until_refused(world)
            assert world.daemon is not None
            world.daemon.kill()
        world.start()
        repeated = self.assert_recovered(world)
        self.assertGreater(repeated, 0, "expected replies that were in memory only when it was killed")


if __name__ == "__main__":
    unittest.main()
