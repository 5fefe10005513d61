"""Agent: one token, as a person at a shell and as a program gets it, beside oidc-agent with a cached token of its own.

By turns, the command line tools of both from start to exit, and one read of both over a connection made for it.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from support.api import import_grants, request
from support.daemon import Daemon, Home
from support.endpoint import Provider, TokenEndpoints
from support.figures import BrokenRunError, Figure, ratio
from support.oidc_agent import oidc_agent
from support.run import Run

#: Pairs of starts, and of reads.
STARTS, READS = 200, 5_000
#: The first ones find files and pages that nobody used yet.
WARM_UP = 10


def measure(run: Run) -> list[Figure]:
    """Each pair one after the other, and every other pair the other way round."""
    with TokenEndpoints(run.directory / "nginx", [Provider("mail")], tls=True) as endpoints:
        assert endpoints.ca_file is not None
        home = Home(run.directory / "home")
        home.add_tool("mail", endpoints.url("mail"), endpoints.ca_file)
        with (
            Daemon(run.program, home) as daemon,
            oidc_agent(run.directory / "agent", endpoints.issuer("mail"), endpoints.ca_file) as agent,
        ):
            import_grants(home.socket_path, "mail", ["alice"])
            program = run.program.parent / "toolauthctl"
            if not os.access(program, os.X_OK):
                raise BrokenRunError(f"there is no {program}; 'make build' makes it")
            ours = [str(program), "token", "--socket", str(home.socket_path), "mail", "alice"]
            starts = _pairs(
                run.records(STARTS), lambda: _start(ours, os.environ.copy()), lambda: _start(agent.command, agent.variables)
            )
            run.say(f"{len(starts[0])} pairs of starts")
            wanted = request("GET", "/v1/tools/mail/users/alice/token")
            reads = _pairs(
                run.records(READS), lambda: _read_ours(home.socket_path, wanted), lambda: _read_theirs(agent.socket_path)
            )
            run.say(f"{len(reads[0])} pairs of reads")
            daemon.assert_running()
    return [
        ratio("toolauthctl token against oidc-token, start to exit, median", *starts, 2, "ms"),
        ratio("one token over a fresh connection, against oidc-agent, median", *reads, 1, "ms"),
    ]


def _pairs(
    count: int, ours: Callable[[], float], theirs: Callable[[], float]
) -> tuple[list[float], list[float]]:
    """What each took, in ms."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(WARM_UP + count):
        order = [(0, ours), (1, theirs)]
        for which, act in order if number % 2 == 0 else reversed(order):
            took = act()
            if number >= WARM_UP:
                taken[which].append(took)
    return taken


def _start(command: Sequence[str], variables: dict[str, str]) -> float:
    began = time.monotonic()
    done = subprocess.run(command, env=variables, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    took = (time.monotonic() - began) * 1000
    if done.returncode != 0 or not done.stdout.startswith(b"access-"):
        raise BrokenRunError(f"{command[0]} ended with {done.returncode}: {done.stderr.decode()}")
    return took


def _read_ours(path: Path, wanted: bytes) -> float:
    took, received = _ask(path, wanted)
    head, _, body = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 ") or not json.loads(body)["access_token"].startswith("access-"):
        raise BrokenRunError(f"the read was answered {received.decode()}")
    return took


def _read_theirs(path: Path) -> float:
    took, received = _ask(
        path, b'{"request":"access_token","account":"mail","min_valid_period":0,"application_hint":"bench"}'
    )
    if not json.loads(received)["access_token"].startswith("access-"):
        raise BrokenRunError(f"oidc-agent answered {received.decode()}")
    return took


def _ask(path: Path, wanted: bytes) -> tuple[float, bytes]:
    """A connection, a request, an answer, which both send whole at once: a part of it would not be JSON."""
    began = time.monotonic()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(str(path))
        connection.sendall(wanted)
        received = connection.recv(65536)
        took = (time.monotonic() - began) * 1000
    return took, received
