"""Reads: tokens over kept connections, beside nginx that returns the same bytes; and while 1 000 tokens a second are refreshed.

h2load asks both, over as many connections, by turns, through a Unix socket of the same kind. nginx has the answer in its
configuration and looks at nothing but the path: there is hardly less that a server could do.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path

from support.api import Connection, import_grants
from support.daemon import Daemon, Home
from support.endpoint import Provider, TokenEndpoints
from support.figures import BrokenRunError, Figure, percentile, ratio
from support.h2load import Load
from support.readers import TokenReaders
from support.run import Run, now, sleep_until, users
from support.store import StoppedStore, Times
from support.web_server import WebServer

#: Tokens that are read by turns, requests and connections of one round of h2load.
USERS, REQUESTS, CONNECTIONS = 100, 200_000, 16
ROUNDS = 5
#: While tokens are refreshed: how many a second, and for how long, in ms; how often; who reads what at which rate.
REFRESHES_PER_SECOND, PHASE, PHASE_ROUNDS = 1_000, 10_000, 3
READ_USERS, READS_PER_SECOND = 1_000, 200
#: From writing the due times down until the first comes: the daemon starts.
AHEAD = 4_000
#: What came due last may take so long to be refreshed, in ms.
PATIENCE = 10_000
HOUR = 3_600_000


@dataclass(frozen=True)
class Phase:
    """What was seen while tokens were refreshed, or not."""

    #: In ms.
    reads: list[float]
    failed: int
    #: Of those refreshed, within the phase.
    refreshes_per_second: float


def measure(run: Run) -> list[Figure]:
    """Two states: few tokens that are read at once, many that are refreshed."""
    return _beside_nginx(run) + _while_refreshing(run)


def _beside_nginx(run: Run) -> list[Figure]:
    names = users(USERS)
    paths = [f"/v1/tools/mail/users/{user}/token" for user in names]
    home = Home(run.directory / "few")
    home.add_tool("mail", "https://auth.example.com/token")
    ours: list[float] = []
    theirs: list[float] = []
    with Daemon(run.program, home) as daemon:
        import_grants(home.socket_path, "mail", names)
        with Connection(home.socket_path) as connection:
            status, body = connection.send("GET", paths[0])
        if status != 200:
            raise BrokenRunError(f"the read was answered {status}: {body.decode()}")
        directory = run.directory / "nginx"
        with _nginx(directory, body.decode()):
            urls = [f"http://localhost{path}" for path in paths]
            for number in range(run.rounds(ROUNDS)):
                order = [(ours, home.socket_path), (theirs, directory / "api.sock")]
                for rates, socket_path in order if number % 2 == 0 else reversed(order):
                    load = Load(urls, run.records(REQUESTS), CONNECTIONS, socket_path)
                    rates.append(load.run(run.directory))
                run.say(f"round {number + 1}: {ours[-1]:.0f} and {theirs[-1]:.0f} reads a second")
        daemon.assert_running()
        daemon.stop()
    return [ratio("token reads, to nginx's of the same bytes", ours, theirs, 0.25, "a second", aims_high=True)]


def _nginx(directory: Path, body: str) -> WebServer:
    """With the body of a token's answer for every path."""
    directory.mkdir()
    path = directory / "api.sock"
    return WebServer(
        directory,
        [path],
        f"""    server {{
        listen unix:{path} backlog=4096;
        access_log off;
        location /v1/ {{ default_type application/json; return 200 '{body}'; }}
    }}
""",
    )


def _while_refreshing(run: Run) -> list[Figure]:
    names = users(run.duration(PHASE) * REFRESHES_PER_SECOND // 1000)
    quiet: list[Phase] = []
    busy: list[Phase] = []
    with TokenEndpoints(run.directory / "endpoint", [Provider("mail")], tls=True) as endpoints:
        home = Home(run.directory / "many")
        home.add_tool("mail", endpoints.url("mail"), endpoints.ca_file)
        with Daemon(run.program, home) as daemon:
            import_grants(home.socket_path, "mail", names)
            daemon.stop()
        run.say(f"{len(names)} records imported")
        for number in range(run.rounds(PHASE_ROUNDS)):
            for phases in (quiet, busy) if number % 2 == 0 else (busy, quiet):
                phases.append(_phase(run, home, endpoints, names, is_busy=phases is busy))
            waits = [percentile(phases[-1].reads, 0.99) for phases in (quiet, busy)]
            run.say(
                f"round {number + 1}: p99 {waits[0]:.2f} ms, while {busy[-1].refreshes_per_second:.0f}"
                f" tokens a second are refreshed {waits[1]:.2f} ms"
            )
    return _figures(quiet, busy)


def _phase(run: Run, home: Home, endpoints: TokenEndpoints, names: list[str], is_busy: bool) -> Phase:
    began, length = now() + AHEAD, run.duration(PHASE)
    first_due = began if is_busy else began + HOUR
    dues = {user: first_due + length * place // len(names) for place, user in enumerate(names)}
    with StoppedStore(home.state) as store:
        store.schedule("mail", (Times(user, began - HOUR, due, due + HOUR) for user, due in dues.items()))
    mark = endpoints.mark("mail")
    with Daemon(run.program, home) as daemon:
        sleep_until(began)
        until = time.monotonic() + length / 1000
        # The same in all phases, and of those that are refreshed.
        read = random.Random(17).sample(names, min(READ_USERS, len(names)))
        reads, failed = TokenReaders(home.socket_path, "mail", read, READS_PER_SECOND, until).finish()
        within = endpoints.count("mail", mark)
        _wait_for_the_last(daemon, endpoints, mark, len(names) if is_busy else 0)
        daemon.stop()
    return Phase(reads, failed, within / length * 1000)


def _wait_for_the_last(daemon: Daemon, endpoints: TokenEndpoints, mark: int, count: int) -> None:
    deadline = now() + PATIENCE
    while (arrived := endpoints.count("mail", mark)) < count:
        daemon.assert_running()
        if now() > deadline:
            raise BrokenRunError(f"{arrived} of {count} records were refreshed")
        time.sleep(0.1)


def _figures(quiet: list[Phase], busy: list[Phase]) -> list[Figure]:
    above, below = ([percentile(phase.reads, 0.99) for phase in phases] for phases in (busy, quiet))
    rate = min(phase.refreshes_per_second for phase in busy)
    every = quiet + busy
    failed, reads = sum(phase.failed for phase in every), sum(len(phase.reads) for phase in every)
    return [
        ratio("token reads, p99, while tokens are refreshed and not", above, below, 2, "ms"),
        Figure(
            "tokens refreshed meanwhile", rate, "a second", 0.95 * REFRESHES_PER_SECOND, "the least", aims_high=True
        ),
        Figure("token reads that failed", failed, "", 0, f"of {reads}"),
    ]
