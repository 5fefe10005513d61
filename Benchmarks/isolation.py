"""Isolation: a healthy provider's tokens are as fresh, and as fast to read, while five other providers are sick.

The same state is started from again and again, by turns with the sick providers' records due and with none of them due;
the healthy provider's records come due at the same steady rate in both.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from support.api import Connection, import_grants
from support.daemon import Daemon, Home
from support.endpoint import Provider, TokenEndpoints
from support.figures import BrokenRunError, Figure, percentile, ratio
from support.process import cpu_seconds, switches
from support.readers import TokenReaders
from support.run import Run, now, sleep_until, users
from support.sick import SickPlaces
from support.store import StoppedStore, Times

HEALTHY, DEAD, SICK = 1_000, 10_000, 50
ROUNDS = 3
#: From writing the due times down until the first comes: the daemon starts.
AHEAD = 4_000
#: In ms. Long enough for answers after 25 s and lookups that hang for 30.
PHASE = 40_000
READS_PER_SECOND = 200
#: Of the healthy provider, in seconds. Refreshed at half of it: each record once in a phase.
LIFETIME = 120
HEALTHY_LATENCY = 0.010
#: The stretch over which the processor is looked at, in ms after the sick providers' records came due.
QUIET_FROM, QUIET_UNTIL = 15_000, 45_000
FAR = 10 * 86_400_000

#: Sick providers that answer, after all.
ANSWERING = [Provider("slow", latency=25), Provider("limited", status=429, retry_after=5)]


@dataclass(frozen=True)
class Phase:
    """What was seen in one phase."""

    #: Of each healthy record, in ms; of one that was not refreshed, how late it was at the end.
    lags: list[float]
    missed: int
    #: In ms.
    reads: list[float]
    failed_reads: int


@dataclass(frozen=True)
class World:
    """What all phases have in common."""

    run: Run
    endpoints: TokenEndpoints
    mounts: dict[str, str]
    prepared: Home
    healthy: list[str]
    sick: dict[str, list[str]]


def measure(run: Run) -> list[Figure]:
    """Prepares the state once, then takes the phases by turns."""
    providers = [Provider("healthy", latency=HEALTHY_LATENCY, expires_in=LIFETIME), *ANSWERING]
    with (
        SickPlaces(run.directory / "sick") as places,
        TokenEndpoints(run.directory / "nginx", providers, run.tls) as ends,
    ):
        urls = {provider.name: ends.url(provider.name) for provider in providers}
        urls["refusing"] = f"http://127.0.0.1:{places.refusing_port()}/token"
        urls["nameless"] = "https://auth.nameless.example/token"
        urls["dead"] = f"http://127.0.0.1:{places.silent_port()}/token"
        home = Home(run.directory / "prepared")
        for name, url in urls.items():
            home.add_tool(name, url, ends.ca_file if url.startswith("https://127.") else None)
        counts = {name: SICK for name in urls if name != "healthy"} | {"dead": run.records(DEAD)}
        sick = {name: users(count, "bob") for name, count in counts.items()}
        world = World(run, ends, places.mounts_of_silent_resolver(), home, users(run.records(HEALTHY)), sick)
        _prepare(world)
        quiet: list[Phase] = []
        disturbed: list[Phase] = []
        for number in range(run.rounds(ROUNDS)):
            for phases in (quiet, disturbed) if number % 2 == 0 else (disturbed, quiet):
                phases.append(_phase(world, is_disturbed=phases is disturbed))
            run.say(f"round {number + 1}: without {_summary(quiet[-1])}; with the sick ones {_summary(disturbed[-1])}")
        used, woken = _sick_alone(world)
    alone = Figure("processor while only sick ones are due", used, "% of a core", 1, f"{woken:.1f} wake-ups a second")
    return [*_figures(quiet, disturbed), alone]


def _prepare(world: World) -> None:
    began = time.monotonic()
    with Daemon(world.run.program, world.prepared) as daemon:
        for tool, names in ({"healthy": world.healthy} | world.sick).items():
            import_grants(world.prepared.socket_path, tool, names, expires_in=FAR // 1000)
        daemon.stop()
    count = len(world.healthy) + sum(map(len, world.sick.values()))
    world.run.say(f"{count} records imported in {time.monotonic() - began:.0f} s")


def _start_from(world: World, directory: Path, healthy: Iterable[Times], sick_due: int) -> Home:
    """The prepared state with other times: those given, and one at which all records of the sick ones come due."""
    home = world.prepared.copy(directory)
    half_life = LIFETIME * 500
    with StoppedStore(home.state) as store:
        store.schedule("healthy", healthy)
        for tool, names in world.sick.items():
            store.schedule(tool, (Times(user, sick_due - half_life, sick_due, sick_due + half_life) for user in names))
    return home


def _phase(world: World, is_disturbed: bool) -> Phase:
    began, length = now() + AHEAD, world.run.duration(PHASE)
    dues = {user: began + length * place // len(world.healthy) for place, user in enumerate(world.healthy)}
    half_life = LIFETIME * 500
    times = [Times(user, due - half_life, due, due + half_life) for user, due in dues.items()]
    home = _start_from(world, world.run.directory / "phase", times, began if is_disturbed else began + FAR)
    mark = world.endpoints.mark("healthy")
    with Daemon(world.run.program, home, world.mounts) as daemon:
        sleep_until(began)
        until = time.monotonic() + length / 1000
        readers = TokenReaders(home.socket_path, "healthy", world.healthy, READS_PER_SECOND, until)
        reads, failed_reads = readers.finish()
        # What came due last may take a moment, but no more.
        sleep_until(began + length + 1000)
        daemon.assert_running()
        _check_who_was_tried(world, home, is_disturbed)
    ended = now()
    home.remove()
    arrived = {refresh.user: refresh.arrived for refresh in world.endpoints.refreshes("healthy", mark)}
    lags = [arrived.get(user, ended) - due for user, due in dues.items()]
    return Phase(lags, len(dues.keys() - arrived.keys()), reads, failed_reads)


def _check_who_was_tried(world: World, home: Home, is_disturbed: bool) -> None:
    """A sick provider that is left alone would disturb nobody, and this would show nothing."""
    with Connection(home.socket_path) as connection:
        for tool in world.sick:
            status, body = connection.send("GET", f"/v1/auths?tool_id={tool}&limit=1000")
            if status != 200:
                raise BrokenRunError(f"the records of {tool} were answered {status}: {body.decode()}")
            was_tried = any(record.get("last_attempt_at") for record in json.loads(body)["auths"])
            # In a short run some have not ended yet.
            if was_tried != is_disturbed and not (is_disturbed and world.run.quick):
                raise BrokenRunError(f"the records of {tool} were {'' if was_tried else 'not '}tried")


def _sick_alone(world: World) -> tuple[float, float]:
    """The processor's share of the time, in per cent, and wake-ups a second, once what came due was tried."""
    began = now() + AHEAD
    times = (Times(user, began, began + FAR, began + 2 * FAR) for user in world.healthy)
    home = _start_from(world, world.run.directory / "phase", times, began)
    first, last = began + world.run.duration(QUIET_FROM), began + world.run.duration(QUIET_UNTIL)
    seconds = (last - first) / 1000
    with Daemon(world.run.program, home, world.mounts) as daemon:
        sleep_until(first)
        used, woken = cpu_seconds(daemon.id), sum(switches(daemon.id).values())
        sleep_until(last)
        used, woken = cpu_seconds(daemon.id) - used, sum(switches(daemon.id).values()) - woken
        daemon.assert_running()
    home.remove()
    return 100 * used / seconds, woken / seconds


def _summary(phase: Phase) -> str:
    lag, read = percentile(phase.lags, 0.5), percentile(phase.reads, 0.99)
    return f"{lag:.1f} ms of lag, reads p99 {read:.2f} ms"


def _figures(quiet: list[Phase], disturbed: list[Phase]) -> list[Figure]:
    figures = []
    for name, share in (("median", 0.5), ("p99", 0.99)):
        with_sick, without = ([percentile(phase.lags, share) for phase in phases] for phases in (disturbed, quiet))
        figures.append(ratio(f"refresh lag, {name}, with and without sick ones", with_sick, without, 1.5, "ms"))
    with_sick, without = ([percentile(phase.reads, 0.99) for phase in phases] for phases in (disturbed, quiet))
    figures.append(ratio("token reads, p99, with and without sick ones", with_sick, without, 1.5, "ms"))
    phases = quiet + disturbed
    missed, failed = sum(phase.missed for phase in phases), sum(phase.failed_reads for phase in phases)
    reads = sum(len(phase.reads) for phase in phases)
    figures.append(Figure("healthy records not refreshed", missed, "", 0, f"of {sum(len(p.lags) for p in phases)}"))
    figures.append(Figure("token reads that failed", failed, "", 0, f"of {reads}"))
    return figures
