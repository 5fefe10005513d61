"""The service manager's end of sd_notify(3)."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from support.figures import BrokenRunError


class NotifySocket:
    """Hears what a service says of itself."""

    def __init__(self, path: Path) -> None:
        """Makes it at `path`, which must not exist."""
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._path.unlink()

    @property
    def variables(self) -> dict[str, str]:
        """What tells a service where it is."""
        return {"NOTIFY_SOCKET": str(self._path)}

    def wait_for(self, message: str, patience: float) -> float:
        """Returns when a service says `message`, one of the assignments it sends: the monotonic time, in seconds."""
        deadline = time.monotonic() + patience
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                said = self._socket.recv(65536)
            except TimeoutError:
                break
            at = time.monotonic()
            if message in said.decode().split("\n"):
                return at
        raise BrokenRunError(f"the daemon did not say {message} within {patience:g} s")
