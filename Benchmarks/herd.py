"""Herd: 20 000 records due at one instant, at a provider that takes 10 ms for each."""

from __future__ import annotations

import random
import time
from statistics import median

from support.api import import_grants
from support.daemon import Daemon, Home
from support.endpoint import Provider, Refresh, TokenEndpoints
from support.figures import BrokenRunError, Figure, inverted_share, percentile
from support.process import MemoryWatch, memory
from support.run import Run, now, sleep_until, users
from support.store import StoppedStore, Times

RECORDS = 20_000
LATENCY = 0.010
#: From writing the due time down until it comes: the daemon starts and comes to rest.
AHEAD = 10_000
REST_SAMPLES = 10
PATIENCE = 240
#: Between one expiry and the next, in ms; the first is this long after the due time.
EXPIRY_STEP, FIRST_EXPIRY = 20, 600_000


def measure(run: Run) -> list[Figure]:
    """Every refresh token works once, so that a refresh too many would show."""
    names = users(run.records(RECORDS))
    provider = Provider("mail", latency=LATENCY, rotates=True)
    with TokenEndpoints(run.directory / "nginx", [provider], run.tls) as endpoints:
        home = Home(run.directory / "home")
        home.add_tool("mail", endpoints.url("mail"), endpoints.ca_file, refresh="{rotation: single_use}")
        began = time.monotonic()
        with Daemon(run.program, home) as daemon:
            import_grants(home.socket_path, "mail", names)
            daemon.stop()
        run.say(f"{len(names)} records imported in {time.monotonic() - began:.0f} s")
        # In the order of expiry: another one than that of the users, or of the rows.
        order = random.Random(17).sample(names, len(names))
        due = now() + AHEAD
        with StoppedStore(home.state) as store:
            store.schedule("mail", (_times(user, place, due) for place, user in enumerate(order)))
        with Daemon(run.program, home) as daemon:
            sleep_until(due - 1500)
            rest = median([_rest(daemon) for _ in range(REST_SAMPLES)])
            if endpoints.refreshes("mail") or now() >= due:
                raise BrokenRunError("the daemon was not at rest before the records came due")
            with MemoryWatch(daemon.id) as watch:
                _wait_for_all(run, endpoints, daemon, len(names))
            daemon.stop()
        refreshes = endpoints.refreshes("mail")
        with StoppedStore(home.state) as store:
            stored = store.count("mail", due)
    return _figures(order, refreshes, due, stored, rest, watch.peak)


def _times(user: str, place: int, due: int) -> Times:
    return Times(user, obtained=due - FIRST_EXPIRY, due=due, expires=due + FIRST_EXPIRY + place * EXPIRY_STEP)


def _rest(daemon: Daemon) -> float:
    time.sleep(0.1)
    return memory(daemon.id).anonymous


def _wait_for_all(run: Run, endpoints: TokenEndpoints, daemon: Daemon, count: int) -> None:
    """Returns when as many refreshes were answered, or past all patience."""
    deadline, seen, told = time.monotonic() + PATIENCE, 0, time.monotonic()
    while seen < count and time.monotonic() < deadline:
        time.sleep(0.25)
        daemon.assert_running()
        seen = endpoints.count("mail")
        if time.monotonic() - told > 10:
            run.say(f"{seen} refreshed")
            told = time.monotonic()


def _figures(
    order: list[str], refreshes: list[Refresh], due: int, stored: int, rest: float, peak: float
) -> list[Figure]:
    places = {user: place for place, user in enumerate(order)}
    ranks = [places[refresh.user] for refresh in refreshes]
    ahead = [rank - turn for turn, rank in enumerate(ranks)]
    seconds = (refreshes[-1].arrived - due) / 1000 if refreshes else float("inf")
    repeated = len(refreshes) - len({refresh.refresh_token for refresh in refreshes})
    return [
        Figure("not refreshed", len(order) - len({refresh.user for refresh in refreshes}), "", 0, f"of {len(order)}"),
        Figure("refreshed and not stored", len(order) - stored, "", 0),
        Figure("refresh tokens sent twice", repeated, "", 0),
        Figure("from due to the last refresh", seconds, "s"),
        Figure("refreshes per second", len(refreshes) / seconds, "/s"),
        Figure(
            "pairs refreshed against the order of expiry",
            100 * inverted_share(ranks),
            "%",
            1,
            f"at random 50; out of place by at most {max(map(abs, ahead), default=0)} of {len(order)} places,"
            f" 99 % by at most {percentile([abs(places) for places in ahead], 0.99):g}",
        ),
        Figure("memory above rest", peak - rest, "MiB", 32, f"RssAnon {rest:.1f} → {peak:.1f} MiB"),
    ]
