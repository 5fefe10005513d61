"""Places on this machine where nothing useful answers."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from support.figures import BrokenRunError

#: Of loopback, but nobody's: a resolver of the machine itself may have 127.0.0.1 and 127.0.0.53.
_RESOLVER = "127.53.53.53"


class SickPlaces:
    """Open until its context is left."""

    def __init__(self, directory: Path) -> None:
        """`directory` is for files, and must not exist."""
        self._sockets = ExitStack()
        self._directory = directory
        directory.mkdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sockets.close()

    def refusing_port(self) -> int:
        """A port at which connections are refused: taken, and nobody listens."""
        taken = self._sockets.enter_context(socket.socket())
        taken.bind(("127.0.0.1", 0))
        return _port(taken)

    def silent_port(self) -> int:
        """A port at which connections get no answer, as at a dead host: the backlog is full, and nobody accepts."""
        listener = self._sockets.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(64):
            client = self._sockets.enter_context(socket.socket())
            client.settimeout(0.3)
            try:
                client.connect(listener.getsockname())
            except TimeoutError:
                return _port(listener)
        raise BrokenRunError("a backlog could not be filled")

    def mounts_of_silent_resolver(self) -> dict[str, str]:
        """File → what to have in its place, for name lookups that hang for 30 s and then fail."""
        resolver = self._sockets.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        try:
            resolver.bind((_RESOLVER, 53))
        except OSError as error:
            raise BrokenRunError(f"{_RESOLVER}:53 cannot be had ({error}); it takes root, or namespaces") from error
        configuration = self._directory / "resolv.conf"
        configuration.write_text(f"nameserver {_RESOLVER}\noptions timeout:30 attempts:1\n")
        order = self._directory / "nsswitch.conf"
        order.write_text("passwd: files\ngroup: files\nhosts: files dns\n")
        return {"/etc/resolv.conf": str(configuration), "/etc/nsswitch.conf": str(order)}


def _port(of: socket.socket) -> int:
    port: int = of.getsockname()[1]
    return port
