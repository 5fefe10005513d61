"""Applications that read tokens at a steady rate, in processes of their own."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from support.api import Connection, request
from support.figures import BrokenRunError

_CONTEXT = multiprocessing.get_context("fork")
#: Each with a connection, so that a read that takes long holds up only a part of the others.
_PROCESSES = 4


class TokenReaders:
    """Reads the tokens of a tool, round and round, from now on until an instant of the monotonic clock."""

    def __init__(self, socket_path: Path, tool: str, users: Sequence[str], per_second: float, until: float) -> None:
        self._readers = []
        for part in range(_PROCESSES):
            share, pace = users[part::_PROCESSES], _PROCESSES / per_second
            receiver, sender = _CONTEXT.Pipe(duplex=False)
            process = _CONTEXT.Process(target=_read, args=(socket_path, tool, share, pace, until, sender), daemon=True)
            process.start()
            sender.close()
            self._readers.append((process, receiver))

    def finish(self) -> tuple[list[float], int]:
        """Waits for their end; returns how long each read took, in ms, and how many were not answered with a token."""
        latencies: list[float] = []
        failures = 0
        for process, receiver in self._readers:
            try:
                some, failed = receiver.recv()
            except EOFError as error:
                raise BrokenRunError("a reader ended before its time") from error
            finally:
                process.join()
            latencies += some
            failures += failed
        return latencies, failures


def _read(socket_path: Path, tool: str, users: Sequence[str], pace: float, until: float, results: Pipe) -> None:
    requests = [request("GET", f"/v1/tools/{tool}/users/{user}/token?min_validity=0") for user in users]
    latencies, failures, number = [], 0, 0
    with Connection(socket_path) as connection:
        next_at = time.monotonic()
        while next_at < until:
            time.sleep(max(0.0, next_at - time.monotonic()))
            began = time.monotonic()
            status, _ = connection.exchange(requests[number % len(requests)])
            latencies.append((time.monotonic() - began) * 1000)
            failures += status != 200
            number += 1
            next_at += pace
    results.send((latencies, failures))
