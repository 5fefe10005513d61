"""Scale: the same daemon with 1 000, 10 000, 100 000 and 1 000 000 records.

A thousand of them are read, first each for the first time, from the database, and then again and again from memory; the
others only lie there. Nothing is due.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from support.api import Connection, import_grants, request
from support.daemon import Daemon, Home
from support.figures import BrokenRunError, Figure, ratio
from support.h2load import Load
from support.process import memory
from support.run import Run, now, users
from support.statements import microseconds, scan_statements
from support.store import StoppedStore

SIZES = [1_000, 10_000, 100_000, 1_000_000]
ROUNDS = 9
READ = 1_000
REQUESTS, CONNECTIONS = 100_000, 16
#: Of records asked for by the scan.
LIMIT = 128
DAY = 86_400_000


@dataclass
class Size:
    """What was seen with so many records; a value for each round."""

    count: int
    home: Home
    database_bytes: int
    #: In ms, from starting the process until it answered.
    starts: list[float] = field(default_factory=list)
    #: In MiB, when it answered, and after the reads.
    memory_at_start: list[float] = field(default_factory=list)
    memory_after: list[float] = field(default_factory=list)
    #: A second.
    first_reads: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    #: In µs.
    scans: list[float] = field(default_factory=list)


def measure(run: Run) -> list[Figure]:
    """All sizes in each round, so that a busy moment of the machine hits all."""
    read = users(READ // 10 if run.quick else READ)
    smallest = Home(run.directory / "smallest")
    smallest.add_tool("mail", "https://auth.example.com/token")
    with Daemon(run.program, smallest) as daemon:
        import_grants(smallest.socket_path, "mail", [*read, "bob"], expires_in=4 * DAY // 1000)
        daemon.stop()
    sizes = [_filled(run, smallest, run.records(count), len(read)) for count in SIZES]
    for number in range(run.rounds(ROUNDS)):
        for size in sizes if number % 2 == 0 else reversed(sizes):
            _round(run, size, read)
        run.say(
            f"round {number + 1}: " + ", ".join(f"{size.count}: {size.starts[-1]:.0f} ms to start" for size in sizes)
        )
    return _figures(sizes)


def _filled(run: Run, smallest: Home, count: int, real: int) -> Size:
    began = time.monotonic()
    home = smallest.copy(run.directory / str(count))
    with StoppedStore(home.state) as store:
        store.multiply("mail", "bob", max(0, count - real - 1), now() + DAY)
    size = (home.state / "toolauthd.db").stat().st_size
    run.say(f"{count} records, {size / 1048576:.0f} MiB, made in {time.monotonic() - began:.0f} s")
    return Size(count, home, size)


def _round(run: Run, size: Size, read: list[str]) -> None:
    with Daemon(run.program, size.home) as daemon:
        size.starts.append(daemon.start_took * 1000)
        size.memory_at_start.append(memory(daemon.id).anonymous)
        size.first_reads.append(_read_each(size.home.socket_path, read))
        urls = [f"http://localhost/v1/tools/mail/users/{user}/token" for user in read]
        load = Load(urls, run.records(REQUESTS), CONNECTIONS, size.home.socket_path)
        size.reads.append(load.run(run.directory))
        size.memory_after.append(memory(daemon.id).anonymous)
        daemon.stop()
    values: dict[str, int | str] = {"tool_id": "mail", "limit": LIMIT}
    size.scans.append(microseconds(size.home.state / "toolauthd.db", scan_statements()["scan"], values))


def _read_each(socket_path: Path, read: list[str]) -> float:
    """Reads a second, each of another token, over one connection."""
    requests = [request("GET", f"/v1/tools/mail/users/{user}/token") for user in read]
    with Connection(socket_path) as connection:
        began = time.monotonic()
        for one in requests:
            status, body = connection.exchange(one)
            if status != 200:
                raise BrokenRunError(f"a read was answered {status}: {body.decode()}")
        return len(read) / (time.monotonic() - began)


def _figures(sizes: list[Size]) -> list[Figure]:
    smallest, *larger = sizes
    figures = []
    for size in larger:
        to = f"with {size.count}, to that with {smallest.count}"
        figures += [
            ratio(f"scan {to}", size.scans, smallest.scans, 1.5, "µs"),
            ratio(f"start until it answers {to}", size.starts, smallest.starts, 1.5, "ms"),
            ratio(f"first reads {to}", size.first_reads, smallest.first_reads, 0.67, "a second", aims_high=True),
            ratio(f"reads {to}", size.reads, smallest.reads, 0.67, "a second", aims_high=True),
        ]
        for when, above, below in (
            ("at the start", size.memory_at_start, smallest.memory_at_start),
            ("after reads", size.memory_after, smallest.memory_after),
        ):
            told = f"RssAnon {median(below):.1f} → {median(above):.1f} MiB"
            figures.append(Figure(f"memory {when} {to}", median(above) - median(below), "MiB", 16, told))
    for size in sizes:
        each = size.database_bytes / size.count
        figures.append(Figure(f"database for each record with {size.count}", each, "B"))
    return figures
