"""Waiting for what another process must do first."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


def eventually(
    look: Callable[[], Seen], holds: Callable[[Seen], bool], within: float, what: str, step: float = 0.1
) -> Seen:
    """Looks until what is seen `holds`, and returns it; past the deadline fails with what was seen last."""
    deadline = time.monotonic() + within
    while True:
        seen = look()
        if holds(seen):
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"expected within {within:g} s: {what}; last seen: {seen}")
        time.sleep(step)
