"""Application: 2 000 tokens refreshed, beside a Python application that does it itself with requests and SQLAlchemy.

Its loop is what one writes first: the records that end soon, one after the other, each with `requests.post` and a commit.
With 32 threads it is what one comes to: each thread keeps its connection, the database has a log. The provider takes 10 ms for
each; both sides speak TLS to it and have what they got on disk before they go on.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from support.api import import_grants
from support.daemon import Daemon, Home
from support.endpoint import Provider, TokenEndpoints
from support.figures import BrokenRunError, Figure, ratio
from support.run import Run, users
from support.stampede import stampede

RECORDS = 2_000
LATENCY = 0.010
ROUNDS = 3
THREADS = 32
_PATIENCE = 600
_ROOT = Path(__file__).resolve().parent
#: Made by scripts/setup.sh, with what its requirements name.
_PYTHON = _ROOT.parent / ".build" / "bench-python" / "bin" / "python"
_PROGRAM = _ROOT / "support" / "application" / "tokens.py"


def measure(run: Run) -> list[Figure]:
    """By turns, so that a busy moment of the machine hits all."""
    names = users(run.records(RECORDS))
    ours: list[float] = []
    loop: list[float] = []
    threads: list[float] = []
    with TokenEndpoints(run.directory / "nginx", [Provider("mail", latency=LATENCY)], tls=True) as endpoints:
        home = Home(run.directory / "home")
        home.add_tool("mail", endpoints.url("mail"), endpoints.ca_file)
        with Daemon(run.program, home) as daemon:
            import_grants(home.socket_path, "mail", names)
            daemon.stop()
        for number in range(run.rounds(ROUNDS)):
            ours.append(stampede(run.program, home, endpoints, "mail", names).seconds)
            loop.append(_application(run, endpoints, number, len(names), 1))
            threads.append(_application(run, endpoints, number, len(names), THREADS))
            run.say(
                f"round {number + 1}: {ours[-1]:.1f} s, the application {loop[-1]:.1f} s,"
                f" with {THREADS} threads {threads[-1]:.1f} s"
            )
    what = f"{len(names)} refreshes, to"
    return [
        ratio(f"{what} the application's loop", ours, loop, 0.1, "s"),
        ratio(f"{what} the application with {THREADS} threads", ours, threads, 1, "s"),
    ]


def _application(run: Run, endpoints: TokenEndpoints, number: int, count: int, threads: int) -> float:
    """Seconds that it took for as many records as the daemon had."""
    database = run.directory / f"application-{number}-{threads}.db"
    _run("fill", database, str(count))
    mark = endpoints.mark("mail")
    told = _run("refresh", database, endpoints.url("mail"), str(endpoints.ca_file), f"--threads={threads}")
    refreshed, seconds = told.split()
    if int(refreshed) != count or endpoints.count("mail", mark) != count:
        raise BrokenRunError(f"the application refreshed {refreshed} of {count} records")
    return float(seconds)


def _run(action: str, database: Path, *arguments: str) -> str:
    command = [str(_PYTHON), str(_PROGRAM), str(database), action, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    if done.returncode != 0:
        raise BrokenRunError(f"the application ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout
