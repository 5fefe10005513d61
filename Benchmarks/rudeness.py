"""Rudeness: clients that behave badly disturb nobody who behaves well.

By turns, a thousand idle connections, half requests, readers that read nothing, pipelines, oversized requests and a flood of
connections are there or not, while others read tokens at a steady rate.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from support.api import import_grants
from support.daemon import Daemon, Home
from support.endpoint import Provider, TokenEndpoints
from support.figures import Figure, percentile, ratio
from support.process import memory
from support.readers import TokenReaders
from support.run import Run, users

USERS, READS_PER_SECOND = 100, 200
ROUNDS = 5
#: Of one phase, in ms.
PHASE = 8_000
IDLE, HALF, DEAF = 1_000, 100, 50
#: Connections that the flood opens in a second, about.
FLOOD = 500

_CONTEXT = multiprocessing.get_context("fork")


def measure(run: Run) -> list[Figure]:
    """One daemon for all of it: what the rude ones leave behind would show, too."""
    names = users(USERS)
    with TokenEndpoints(run.directory / "nginx", [Provider("mail")], run.tls) as endpoints:
        home = Home(run.directory / "home")
        home.add_tool("mail", endpoints.url("mail"), endpoints.ca_file)
        with Daemon(run.program, home) as daemon:
            import_grants(home.socket_path, "mail", names, expires_in=86_400)
            rest = memory(daemon.id).anonymous
            quiet: list[list[float]] = []
            rude: list[list[float]] = []
            failed, peak = 0, 0.0
            for number in range(run.rounds(ROUNDS)):
                for phases in (quiet, rude) if number % 2 == 0 else (rude, quiet):
                    with _rude_clients(home.socket_path) if phases is rude else contextlib.nullcontext():
                        until = time.monotonic() + run.duration(PHASE) / 1000
                        latencies, failures = TokenReaders(
                            home.socket_path, "mail", names, READS_PER_SECOND, until
                        ).finish()
                        peak = max(peak, memory(daemon.id).anonymous)
                    phases.append(latencies)
                    failed += failures
                run.say(
                    f"round {number + 1}: p99 {percentile(quiet[-1], 0.99):.2f} ms, "
                    f"with rude ones {percentile(rude[-1], 0.99):.2f} ms"
                )
            daemon.assert_running()
            daemon.stop()
    reads = sum(map(len, quiet + rude))
    above, below = ([percentile(phase, 0.99) for phase in phases] for phases in (rude, quiet))
    return [
        ratio("token reads, p99, with and without rude clients", above, below, 2, "ms"),
        Figure("token reads that failed", failed, "", 0, f"of {reads}"),
        Figure("memory above rest", peak - rest, "MiB", None, f"RssAnon {rest:.1f} → {peak:.1f} MiB"),
    ]


@contextmanager
def _rude_clients(path: Path) -> Iterator[None]:
    """All of them, in processes that end with the block."""
    jobs: list[Callable[[Path], None]] = [_idle, _half, _deaf, _flood, _oversized]
    processes = [_CONTEXT.Process(target=job, args=(path,), daemon=True) for job in jobs]
    for process in processes:
        process.start()
    # Until all are there.
    time.sleep(1)
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()


def _connect(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect(str(path))
    return connection


def _idle(path: Path) -> None:
    held = [_connect(path) for _ in range(IDLE)]
    time.sleep(3600)
    del held


def _half(path: Path) -> None:
    """Half a request each, byte by byte, and again once it is cut off."""
    while True:
        held = [_connect(path) for _ in range(HALF)]
        for byte in b"GET /v1/status HTTP/1.1\r\nHost: x\r\nX-Half: and no":
            for connection in held:
                with contextlib.suppress(OSError):
                    connection.send(bytes([byte]))
            time.sleep(0.1)
        for connection in held:
            connection.close()


def _deaf(path: Path) -> None:
    """A pipeline of requests each, whose answers nobody reads."""
    held = []
    for _ in range(DEAF):
        connection = _connect(path)
        connection.setblocking(False)
        with contextlib.suppress(OSError):
            connection.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
        held.append(connection)
    time.sleep(3600)


def _flood(path: Path) -> None:
    while True:
        for _ in range(FLOOD // 10):
            with contextlib.suppress(OSError):
                _connect(path).close()
        time.sleep(0.1)


def _oversized(path: Path) -> None:
    head = b"PUT /v1/tools/mail/users/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    requests = [
        head + b"Content-Length: 99999999\r\n\r\n" + b"x" * 100_000,
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 10_000 + b"\r\n",
        bytes(range(256)) * 100,
    ]
    while True:
        for request in requests:
            with contextlib.suppress(OSError), _connect(path) as connection:
                connection.sendall(request)
                connection.recv(65_536)
        time.sleep(0.05)
