"""All records of a tool come due at one instant, and are refreshed and stored."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support.daemon import Daemon, Home
from support.endpoint import TokenEndpoints
from support.figures import BrokenRunError
from support.process import cpu_seconds
from support.run import now, sleep_until
from support.store import StoppedStore, StoreWatch, Times

#: From writing the due time down until it comes, in ms: the daemon starts and comes to rest.
_AHEAD = 5_000
_PATIENCE = 300
_HOUR = 3_600_000


@dataclass(frozen=True)
class Stampede:
    """How it went."""

    #: From the instant that all were due until the last of them was on disk.
    seconds: float
    #: Processor time of the daemon in between.
    cpu_seconds: float


def stampede(program: Path, home: Home, endpoints: TokenEndpoints, tool: str, users: Sequence[str]) -> Stampede:
    """Starts the daemon on records that it has, lets them all come due, and stops it once all are stored."""
    due, mark = now() + _AHEAD, endpoints.mark(tool)
    with StoppedStore(home.state) as store:
        store.schedule(tool, (Times(user, due - _HOUR, due, due + _HOUR) for user in users))
    with Daemon(program, home) as daemon:
        sleep_until(due - 100)
        used = cpu_seconds(daemon.id)
        sleep_until(due)
        if endpoints.mark(tool) != mark or now() > due + 100:
            raise BrokenRunError("the daemon was not at rest before the records came due")
        _wait(daemon, home, endpoints, tool, mark, len(users), due)
        seconds, used = time.time() - due / 1000, cpu_seconds(daemon.id) - used
        daemon.stop()
    refreshes = endpoints.refreshes(tool, mark)
    if len({refresh.refresh_token for refresh in refreshes}) != len(refreshes):
        raise BrokenRunError("a refresh token was sent twice")
    return Stampede(seconds, used)


def _wait(daemon: Daemon, home: Home, endpoints: TokenEndpoints, tool: str, mark: int, count: int, due: int) -> None:
    """Returns when so many are stored. Looks at the endpoint until all arrived, which costs next to nothing."""
    deadline, arrived = time.monotonic() + _PATIENCE, 0
    with StoreWatch(home.state) as store:
        while arrived < count or store.count(tool, due) < count:
            if time.monotonic() > deadline:
                raise BrokenRunError(f"{arrived} of {count} records were refreshed within {_PATIENCE} s")
            time.sleep(0.02 if arrived < count else 0.002)
            daemon.assert_running()
            more = endpoints.count(tool, mark, limit := endpoints.mark(tool))
            arrived, mark = arrived + more, limit
