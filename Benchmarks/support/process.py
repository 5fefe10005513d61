"""A running process, as /proc shows it."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Memory:
    """Resident memory, in MiB."""

    #: That of no file: what the process itself needs.
    anonymous: float
    all: float


def memory(process: int) -> Memory:
    """What is resident now."""
    sizes = {}
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in ("RssAnon", "VmRSS"):
            sizes[name] = int(value.split()[0]) / 1024
    return Memory(sizes["RssAnon"], sizes["VmRSS"])


def cpu_seconds(process: int) -> float:
    """Processor time used so far, by all threads, ended ones too; in steps of 10 ms."""
    # The name, in parentheses, may have spaces.
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def switches(process: int) -> dict[str, int]:
    """How often each thread was switched to another, by itself or not; each wake-up is one."""
    counts = {}
    for task in Path(f"/proc/{process}/task").iterdir():
        status = (task / "status").read_text().splitlines()
        values = [int(line.split()[1]) for line in status if "ctxt_switches:" in line]
        counts[task.name] = sum(values)
    return counts


class MemoryWatch:
    """Looks at a process's memory all the time, and remembers the most."""

    def __init__(self, process: int, interval: float = 0.02) -> None:
        self._process = process
        self._interval = interval
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.peak = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ends.wait(self._interval):
            try:
                self.peak = max(self.peak, memory(self._process).anonymous)
            except (OSError, KeyError):
                return
