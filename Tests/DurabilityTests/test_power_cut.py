"""Power cuts: death takes with it all that was not synced, in whole or in part."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import tempfile
import time
import unittest
from contextlib import closing
from pathlib import Path

from support.case import DurabilityTestCase, seeded
from support.checks import assert_all_refresh, assert_no_reuse, assert_nothing_lost
from support.ledger import Ledger
from support.polling import eventually
from support.power import Choice, PowerCut, drop_everything, drop_some
from support.traffic import Traffic
from support.world import World

RECORDS = 60
CUTS = 15
FIRST_STARTS = 12
REPLAY_WINDOW = 30
LIFETIME = 20
LATENCY = 0.05
#: Cuts come within this of serving, or at one of so many changes of the files, which take about as long.
LONGEST_LIFE, LONGEST_CHANGES = 1.5, 1500
#: For the clients to cause the changes at which the daemon is to die.
CHANGES_PATIENCE = 60


class PowerCutTests(DurabilityTestCase):
    def start_with_records(self) -> tuple[World, PowerCut]:
        """A world with records that come due over ten seconds; the daemon is not running."""
        world = self.world(REPLAY_WINDOW, lifetime=LIFETIME, latency=LATENCY)
        cut = world.power_cut()
        daemon = world.start()
        world.connect((f"alice-{number}" for number in range(RECORDS)), lambda: self.random.randint(11, 30))
        daemon.kill()
        return world, cut

    def run_until_cut(self, world: World, cut: PowerCut, name: str, ignore_log_sync: bool) -> Traffic:
        """Runs the daemon among clients that import, delete and read, and has it die at a random moment."""
        at = self.random.randint(1, LONGEST_CHANGES) if self.random.random() < 0.5 else None
        daemon = world.spawn(cut.environment(at, ignore_log_sync))
        daemon.wait_until_serving_or_dead()
        # A deletion empties the log, before which SQLite always syncs it.
        deletions = 0 if ignore_log_sync else 0.4
        with Traffic(world, self.random, readers=2, changers=2, name=name, deletions=deletions) as traffic:
            if at is None:
                # A moment is drawn.
                self.assertFalse(daemon.ends_within(self.random.uniform(0, LONGEST_LIFE)), "expected it to go on")
            else:
                eventually(
                    lambda: daemon.is_running,
                    lambda runs: not runs,
                    CHANGES_PATIENCE,
                    f"death at change {at}",
                    step=0.01,
                )
            daemon.kill()
        self.assertEqual(daemon.exit_code, -signal.SIGKILL, "expected the daemon to die by the power cut alone")
        return traffic

    def choice(self) -> Choice:
        """What the disk had written."""
        return drop_everything if self.random.random() < 0.5 else drop_some(self.random)

    def assert_intact(self, world: World) -> None:
        """SQLite finds no fault with the store; asked of a copy, since looking changes it."""
        with tempfile.TemporaryDirectory(dir=world.directory) as copy:
            for file in world.state.glob("toolauthd.db*"):
                shutil.copy(file, copy)
            with closing(sqlite3.connect(Path(copy) / "toolauthd.db")) as database:
                self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])

    def cut_and_look(
        self, world: World, cut: PowerCut, name: str, ignore_log_sync: bool = False
    ) -> tuple[Traffic, int]:
        """One power cut, after which nothing is lost; returns what was asked, and how many changes were unsynced."""
        traffic = self.run_until_cut(world, cut, name, ignore_log_sync)
        unsynced = cut.happen(self.choice())
        self.assert_intact(world)
        daemon = world.start()
        assert_nothing_lost(self, world)
        daemon.kill()
        return traffic, unsynced

    @seeded
    def test_after_15_power_cuts_all_that_was_acknowledged_is_there(self) -> None:
        world, cut = self.start_with_records()
        began, answers, unsynced = time.monotonic(), Traffic(world, self.random).answers, []
        for number in range(CUTS):
            traffic, changes = self.cut_and_look(world, cut, f"bob-{number}")
            answers += traffic.answers
            unsynced.append(changes)
        took = time.monotonic() - began
        world.start()
        assert_all_refresh(self, world)
        counters = assert_no_reuse(self, world)
        self.say(
            f"{CUTS} cuts in {took:.0f} s, unsynced changes at each: {unsynced}; {dict(answers)};"
            f" {counters['rotations']} refreshes, {counters['replays_in_window']} of which repeat one that was cut off"
        )
        for acknowledged in ("import 201", "delete 204", "read 200"):
            self.assertGreater(answers[acknowledged], 0, f"expected clients that saw {acknowledged}: {answers}")
        self.assertGreater(sum(unsynced), 0, "expected cuts between a change and its sync")

    @seeded
    def test_that_this_would_notice_a_log_that_is_not_synced_at_each_commit(self) -> None:
        """The same, as with `synchronous=NORMAL`."""
        world, cut = self.start_with_records()
        with self.assertRaisesRegex(AssertionError, "expected nothing lost") as caught:
            for number in range(CUTS):
                self.cut_and_look(world, cut, f"bob-{number}", ignore_log_sync=True)
        self.say(f"at cut {number + 1}: {str(caught.exception).splitlines()[0]}")

    @seeded
    def test_what_a_first_start_acknowledged_survives_a_power_cut(self) -> None:
        """Its key and its store are new names in the directory."""
        world = self.world()
        cut = world.power_cut()
        daemon = world.start(cut.environment())
        world.connect(["alice"])
        daemon.kill()
        cut.happen()
        world.start()
        assert_nothing_lost(self, world)

    @seeded
    def test_a_first_start_that_was_cut_off_is_no_obstacle_to_the_next(self) -> None:
        world = self.world()
        cut = world.power_cut()
        world.start(cut.environment()).kill()
        changes = len(cut.entries())
        self.say(f"a first start makes {changes} changes")
        for at in sorted(self.random.sample(range(1, changes + 1), FIRST_STARTS)):
            with self.subTest(at=at):
                shutil.rmtree(world.state)
                world.state.mkdir(mode=0o700)
                world.ledger = Ledger()
                cut.forget()
                daemon = world.spawn(cut.environment(at))
                daemon.wait_until_serving_or_dead()
                daemon.kill()
                self.assertEqual(daemon.exit_code, -signal.SIGKILL, "expected the daemon to die by the power cut alone")
                cut.happen(self.choice())
                daemon = world.start()
                world.connect(["alice"])
                daemon.kill()
                daemon = world.start()
                assert_nothing_lost(self, world)
                daemon.kill()


if __name__ == "__main__":
    unittest.main()
