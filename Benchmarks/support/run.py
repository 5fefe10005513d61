"""What a benchmark is given."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One benchmark's own directory, and how it was asked for."""

    directory: Path
    #: The daemon.
    program: Path
    #: Whether providers are spoken to over TLS.
    tls: bool
    #: Few records, one round, a short while: shows that it works, not how fast.
    quick: bool

    def records(self, count: int) -> int:
        """How many there are to be, of `count` in earnest."""
        return max(1, count // 10) if self.quick else count

    def duration(self, length: int) -> int:
        """How long to look, of `length` in earnest."""
        return length // 4 if self.quick else length

    def rounds(self, count: int) -> int:
        """How often to measure."""
        return 1 if self.quick else count

    def say(self, text: str) -> None:
        """Tells how far it is."""
        print(f"  {text}", flush=True)


def now() -> int:
    """Milliseconds since 1970, as the store has them."""
    return int(time.time() * 1000)


def sleep_until(instant: float) -> None:
    """Until so many milliseconds since 1970."""
    time.sleep(max(0.0, instant / 1000 - time.time()))


def users(count: int, name: str = "alice") -> list[str]:
    """alice-0, alice-1, …"""
    return [f"{name}-{number}" for number in range(count)]
