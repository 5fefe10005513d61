"""nginx, as one process, with files of its own."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from support.children import Child
from support.figures import BrokenRunError

_PROGRAM = "/usr/sbin/nginx"
_MODULES = "/usr/lib/nginx/modules"
_START_PATIENCE = 10.0


class WebServer:
    """A running nginx; it ends with its context."""

    def __init__(self, directory: Path, addresses: Sequence[tuple[str, int] | Path], http: str) -> None:
        """Starts it in `directory`, and returns once it accepts at all `addresses`.

        `http` has what stands in the block of that name, with a server for each address.
        """
        self._directory = directory
        (directory / "nginx.conf").write_text(self._configuration(http))
        arguments = [_PROGRAM, "-p", str(directory), "-c", str(directory / "nginx.conf")]
        self._nginx = Child([*arguments, "-e", str(directory / "error.log")], directory / "output.log")
        try:
            self._wait_until_serving(addresses)
        except BaseException:
            self._nginx.kill()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def id(self) -> int:
        """Its process's."""
        return self._nginx.id

    def kill(self) -> None:
        """Ends it at once."""
        self._nginx.kill()

    def _wait_until_serving(self, addresses: Sequence[tuple[str, int] | Path]) -> None:
        deadline = time.monotonic() + _START_PATIENCE
        for address in addresses:
            while not _accepts(address):
                if time.monotonic() > deadline or not self._nginx.is_running:
                    log = self._directory / "error.log"
                    said = self._nginx.output + (log.read_text() if log.exists() else "")
                    raise BrokenRunError(f"nginx does not serve: {said}")
                time.sleep(0.02)

    def _configuration(self, http: str) -> str:
        places = "".join(
            f"    {what}_temp_path {self._directory}/{what};\n"
            for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        # One process: it ends when it is told to, and leaves nothing behind. Who it is does not change: in a user
        # namespace there may be nobody else.
        return f"""
user root root;
load_module {_MODULES}/ndk_http_module.so;
load_module {_MODULES}/ngx_http_lua_module.so;
daemon off;
master_process off;
pid {self._directory}/nginx.pid;
error_log {self._directory}/error.log;
events {{ worker_connections 4096; }}
http {{
{places}    keepalive_requests 1000000;
{http}}}
"""


def _accepts(address: tuple[str, int] | Path) -> bool:
    family = socket.AF_UNIX if isinstance(address, Path) else socket.AF_INET
    with socket.socket(family) as client:
        client.settimeout(1)
        try:
            client.connect(str(address) if isinstance(address, Path) else address)
        except OSError:
            return False
    return True
