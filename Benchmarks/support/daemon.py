"""The daemon, with a configuration and a state directory."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from support.api import Connection
from support.children import Child
from support.figures import BrokenRunError

_START_PATIENCE = 60.0
_STOP_PATIENCE = 60.0


class Home:
    """Where a daemon has its configuration, its state and its socket."""

    def __init__(self, directory: Path) -> None:
        """Makes it in `directory`, which must not exist."""
        self.directory = directory
        self.state = directory / "state"
        self.socket_path = directory / "api.sock"
        self.state.mkdir(mode=0o700, parents=True)
        self._tools = directory / "config" / "tools.d"
        self._tools.mkdir(parents=True)
        (directory / "config" / "toolauthd.yaml").write_text("allow_inline_secrets: true\n")

    def add_tool(self, name: str, token_url: str, ca_file: Path | None = None, refresh: str = "{}") -> None:
        """A tool at a provider of its own; `refresh` is the provider's, in YAML's flow style."""
        tls = "" if ca_file is None else f'  tls: {{ca_file: "{ca_file}"}}\n'
        (self._tools / f"{name}.yaml").write_text(
            f"""{name}:
  client_id: {name}-client
  client_secret: {name}-secret
  redirect_uris: ["https://app.example.com/callback"]
  allow_http_loopback: true
{tls}  provider:
    authorization: {{endpoint: "https://auth.example.com/authorize"}}
    token: {{endpoint: "{token_url}"}}
    refresh: {refresh}
"""
        )

    def copy(self, directory: Path) -> Home:
        """The same once more, in `directory`, while no daemon has this one."""
        copy = Home.__new__(Home)
        copy.directory = directory
        copy.state = directory / "state"
        copy.socket_path = directory / "api.sock"
        copy._tools = directory / "config" / "tools.d"
        shutil.copytree(self.directory, directory, ignore=shutil.ignore_patterns("api.sock", "log"))
        return copy

    def remove(self) -> None:
        """All of it."""
        shutil.rmtree(self.directory)


class Daemon:
    """A running daemon. Leaving its context kills it: what it was measured for is over."""

    def __init__(
        self,
        program: Path,
        home: Home,
        mounts: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Starts one, with `variables` in its environment, and returns once it serves."""
        self._home = home
        command = [str(program), "--config", str(home.directory / "config")]
        command += ["--state-dir", str(home.state), "--socket", str(home.socket_path)]
        began = time.monotonic()
        command = command if mounts is None else over_mounts(mounts, command)
        self._child = Child(command, home.directory / "log", variables)
        try:
            self._wait_until_serving()
        except BaseException:
            self._child.kill()
            raise
        #: Seconds from its start until it served.
        self.start_took = time.monotonic() - began

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            error.add_note(f"The daemon said last:\n{self._child.output}")
        self._child.kill()

    @property
    def id(self) -> int:
        """Its process's."""
        return self._child.id

    def assert_running(self) -> None:
        """It must not have ended by itself."""
        if not self._child.is_running:
            raise BrokenRunError("the daemon ended while it was measured")

    def stop(self) -> None:
        """Ends it in good order, so that all is stored."""
        self._child.stop(_STOP_PATIENCE)

    def _wait_until_serving(self) -> None:
        deadline = time.monotonic() + _START_PATIENCE
        while not self._is_serving():
            if not self._child.is_running or time.monotonic() > deadline:
                raise BrokenRunError(f"the daemon does not serve: {self._child.output}")
            time.sleep(0.002)

    def _is_serving(self) -> bool:
        try:
            with Connection(self._home.socket_path) as connection:
                return connection.send("GET", "/healthz")[0] == 200
        except OSError:
            return False


def over_mounts(mounts: Mapping[str, str], command: list[str]) -> list[str]:
    """A command that sees other files in the place of those named; needs root, or a user namespace."""
    binds = "".join(f"mount --bind '{source}' '{target}' && " for target, source in mounts.items())
    return ["unshare", "--mount", "--", "sh", "-c", binds + 'exec "$@"', "sh", *command]
