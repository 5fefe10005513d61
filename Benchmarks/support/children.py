"""Processes that a benchmark starts."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from support.figures import BrokenRunError

#: What a service manager tells its own services; those started here are nobody's.
_SERVICE_VARIABLES = ("NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "JOURNAL_STREAM", "WATCHDOG_USEC", "WATCHDOG_PID")


class Child:
    """A process that goes when whoever started it goes; to be started by the main thread."""

    def __init__(self, command: Sequence[str], output: Path, variables: Mapping[str, str] | None = None) -> None:
        """Starts it; what it says is appended to `output`, and `variables` are added to our own environment."""
        self._output = output
        inherited = {name: value for name, value in os.environ.items() if name not in _SERVICE_VARIABLES}
        with output.open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *command],
                env=inherited | dict(variables or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Processes of its own go with its group.
                start_new_session=True,
            )

    @property
    def id(self) -> int:
        """The process's; that of the program itself, since all before it replace themselves."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    @property
    def output(self) -> str:
        """The end of what it said."""
        return "\n".join(self._output.read_text(errors="replace").splitlines()[-20:]) + "\n"

    def stop(self, patience: float) -> None:
        """Ends it in good order."""
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise BrokenRunError(f"a process did not stop within {patience:g} s: {self.output}") from None
        if code != 0:
            raise BrokenRunError(f"a process ended with {code}: {self.output}")

    def kill(self) -> None:
        """Ends it at once, with what it started itself, if it has not ended."""
        # Until it is waited for, its number is nobody else's.
        if self.is_running:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
