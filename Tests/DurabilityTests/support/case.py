"""What every durability test does: draws from one seed, and says on failure how to run it again."""

from __future__ import annotations

import functools
import os
import secrets
import sys
import unittest
from collections.abc import Callable
from contextlib import ExitStack
from random import Random
from typing import Any, TypeVar

from support.world import World

SEED_VARIABLE = "DURABILITY_SEED"
Case = TypeVar("Case", bound="DurabilityTestCase")


class DurabilityTestCase(unittest.TestCase):
    """A test with worlds of its own, ended and removed after it."""

    random: Random

    def setUp(self) -> None:
        self._worlds: list[World] = []

    def tearDown(self) -> None:
        with ExitStack() as stack:
            for world in self._worlds:
                stack.callback(world.close)

    def world(self, replay_window: int = 30, **switches: Any) -> World:
        """A new world."""
        world = World(replay_window, **switches)
        self._worlds.append(world)
        return world

    def say(self, text: str) -> None:
        """Tells the reader of the test's output what was seen: a pass without numbers proves little."""
        print(f"  {text}", file=sys.stderr, flush=True)

    def notes(self) -> list[str]:
        """What helps with a failure."""
        return [f"The daemon's last words:\n{world.last_words}" for world in self._worlds]


def seeded(test: Callable[[Case], None]) -> Callable[[Case], None]:
    """Gives the test `self.random`. DURABILITY_SEED runs it again with the draws of a run that failed."""

    @functools.wraps(test)
    def run(self: Case) -> None:
        seed = int(os.environ.get(SEED_VARIABLE) or secrets.randbits(32))
        self.random = Random(seed)
        self.say(f"{self.id()}: {SEED_VARIABLE}={seed}")
        try:
            test(self)
        except unittest.SkipTest:
            raise
        except BaseException as error:
            for note in [f"Run it again with {SEED_VARIABLE}={seed}.", *self.notes()]:
                error.add_note(note)
            raise

    return run
