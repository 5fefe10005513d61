"""Lifecycle: from start to READY with many records stored, and from SIGTERM to the end with refreshes under way."""

from __future__ import annotations

import time
from statistics import median

from support.api import import_grants
from support.daemon import Daemon, Home
from support.endpoint import Provider, TokenEndpoints
from support.figures import BrokenRunError, Figure, ratio
from support.notify import NotifySocket
from support.run import Run, now, sleep_until, users
from support.store import StoppedStore, Times

FEW, MANY = 1_000, 1_000_000
STARTS, STOPS = 7, 5
#: So many endpoints take so many seconds to answer, and each has so many records due.
ENDPOINTS, LATENCY, DUE = 64, 0.5, 8
#: In ms: from writing the due times down to the instant, and from that to SIGTERM, when replies are still out.
AHEAD, UNDER_WAY = 5_000, 300
PATIENCE = 60.0
HOUR = 3_600_000


def measure(run: Run) -> list[Figure]:
    """Starts first, then stops."""
    return [*_starts(run), *_stops(run)]


def _starts(run: Run) -> list[Figure]:
    """Two stores take turns, and differ in how many records they hold, none of them due."""
    few = Home(run.directory / "few")
    few.add_tool("mail", "https://auth.example.com/token")
    with Daemon(run.program, few) as daemon:
        import_grants(few.socket_path, "mail", ["bob"])
        daemon.stop()
    many = few.copy(run.directory / "many")
    for home, count in ((few, FEW), (many, run.records(MANY))):
        with StoppedStore(home.state) as store:
            store.multiply("mail", "bob", count - 1, now() + 10 * HOUR)
    took: dict[str, list[float]] = {"few": [], "many": []}
    for turn in range(run.rounds(STARTS)):
        # Who goes first takes turns too.
        for home in (few, many) if turn % 2 == 0 else (many, few):
            took[home.directory.name].append(_start(run, home))
    run.say(f"READY after {median(took['few']):.0f} and {median(took['many']):.0f} ms")
    each = ", ".join(f"{value:.0f}" for value in took["many"])
    return [
        Figure(f"start to READY with {run.records(MANY)} records", median(took["many"]), "ms", 300, f"{each} ms"),
        ratio(f"start to READY, {run.records(MANY)} records against {FEW}", took["many"], took["few"], None, "ms"),
    ]


def _start(run: Run, home: Home) -> float:
    """Milliseconds from the start to READY."""
    with NotifySocket(home.directory / "notify") as manager:
        began = time.monotonic()
        with Daemon(run.program, home, variables=manager.variables) as daemon:
            took = (manager.wait_for("READY=1", PATIENCE) - began) * 1000
            daemon.stop()
    return took


def _stops(run: Run) -> list[Figure]:
    """SIGTERM comes while every endpoint is being waited for; what they answer must all be stored."""
    providers = [Provider(f"mail{number}", latency=LATENCY, rotates=True) for number in range(ENDPOINTS)]
    took, in_flight = [], []
    with TokenEndpoints(run.directory / "nginx", providers, run.tls) as endpoints:
        home = Home(run.directory / "stopped")
        for provider in providers:
            home.add_tool(provider.name, endpoints.url(provider.name), endpoints.ca_file)
        with Daemon(run.program, home) as daemon:
            for provider in providers:
                import_grants(home.socket_path, provider.name, users(DUE))
            daemon.stop()
        for _ in range(run.rounds(STOPS)):
            seconds, count = _stop(run, home, endpoints, [provider.name for provider in providers])
            took.append(seconds)
            in_flight.append(count)
            run.say(f"{count} refreshes were under way at a stop, and it took {seconds * 1000:.0f} ms")
    what = f"SIGTERM to the end, refreshes under way at {ENDPOINTS} endpoints that take {LATENCY * 1000:.0f} ms"
    each = ", ".join(f"{seconds:.2f}" for seconds in took)
    return [Figure(what, median(took), "s", 2, f"{each} s; {median(in_flight):.0f} refreshes answered, and all stored")]


def _stop(run: Run, home: Home, endpoints: TokenEndpoints, names: list[str]) -> tuple[float, int]:
    """Seconds that it took, and how many refreshes were answered."""
    due = now() + AHEAD
    marks = {name: endpoints.mark(name) for name in names}
    with StoppedStore(home.state) as store:
        for name in names:
            store.schedule(name, (Times(user, due - HOUR, due, due + HOUR) for user in users(DUE)))
    with Daemon(run.program, home) as daemon:
        sleep_until(due + UNDER_WAY)
        began = time.monotonic()
        daemon.stop()
        took = time.monotonic() - began
    answered = {name: len(endpoints.refreshes(name, marks[name])) for name in names}
    if 0 in answered.values():
        raise BrokenRunError(f"nothing was under way at some endpoints: {answered}")
    with StoppedStore(home.state) as store:
        stored = {name: store.count(name, due) for name in names}
    if stored != answered:
        raise BrokenRunError(f"of the refreshes answered, not all were stored: {answered}, {stored}")
    return took, sum(answered.values())
