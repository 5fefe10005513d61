"""h2load, of nghttp2: what a server gives a client that does nothing else."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support.figures import BrokenRunError

_PATIENCE = 300
_RATE = re.compile(r"finished in [\d.]+\w+, ([\d.]+) req/s")
_STATUSES = re.compile(r"status codes: (\d+) 2xx")


@dataclass(frozen=True)
class Load:
    """What is asked, over so many connections, each with one request at a time."""

    #: Where to; of the first, all but the path counts for all.
    urls: Sequence[str]
    requests: int
    connections: int
    #: A Unix socket to connect to instead of the URLs' host.
    socket_path: Path | None = None
    #: What is posted; None: they are gets.
    form: str | None = None

    def run(self, directory: Path) -> float:
        """Answers a second. `directory` is for files."""
        addresses = directory / "h2load-urls"
        addresses.write_text("".join(f"{url}\n" for url in self.urls))
        command = ["h2load", "--h1", "--threads=1", f"--clients={self.connections}", f"--requests={self.requests}"]
        command += [f"--input-file={addresses}"]
        if self.socket_path is not None:
            command.append(f"--base-uri=unix:{self.socket_path}")
        if self.form is not None:
            body = directory / "h2load-form"
            body.write_text(self.form)
            command += [f"--data={body}", "--header=content-type: application/x-www-form-urlencoded"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
        rate, statuses = _RATE.search(done.stdout), _STATUSES.search(done.stdout)
        if rate is None or statuses is None or int(statuses[1]) != self.requests:
            raise BrokenRunError(f"h2load did not get all its answers: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return float(rate[1])
