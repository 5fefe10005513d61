"""Debian's oidc-agent, with an account and a token that it has in memory."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from support.figures import BrokenRunError

_START_PATIENCE = 10.0
_ACCOUNT = "mail"


class OIDCAgent:
    """A running agent."""

    def __init__(self, directory: Path, issuer: str, ca_file: Path) -> None:
        """Starts it in `directory`, which must not exist, and lets it fetch a token of the issuer."""
        configuration = directory / "configuration"
        configuration.mkdir(mode=0o700, parents=True)
        self.socket_path = directory / "agent.sock"
        #: What its command line tools find it by.
        self.variables = os.environ | {
            "HOME": str(directory),
            "OIDC_CONFIG_DIR": str(configuration),
            "OIDC_SOCK": str(self.socket_path),
            "OIDC_ENCRYPTION_PW": "benchmark",
        }
        #: Prints the token that the agent has.
        self.command = ["oidc-token", _ACCOUNT]
        with (directory / "log").open("wb") as log:
            self._process = subprocess.Popen(
                # With --console it stays the process that was started; with --pdeathsig it goes when we go.
                ["setpriv", "--pdeathsig", "KILL", "--", "oidc-agent", "--console", "--no-webserver", "--no-scheme"]
                + ["--no-autoload", "--no-autoreauthenticate", "--socket-path", str(self.socket_path)],
                env=self.variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Its second process goes with the group.
                start_new_session=True,
            )
        try:
            self._wait_until_listening()
            self._add_account(issuer, ca_file)
        except BaseException:
            self.kill()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def kill(self) -> None:
        """Ends it at once."""
        os.killpg(self._process.pid, 9)
        self._process.wait()

    def _wait_until_listening(self) -> None:
        deadline = time.monotonic() + _START_PATIENCE
        while not self.socket_path.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise BrokenRunError("oidc-agent does not listen")
            time.sleep(0.02)

    def _add_account(self, issuer: str, ca_file: Path) -> None:
        command = ["oidc-gen", _ACCOUNT, "--manual", "--issuer", issuer, "--client-id", "benchmark"]
        command += ["--client-secret", "benchmark", "--scope", "openid offline_access", "--rt", "alice~0"]
        command += ["--redirect-uri", "http://localhost:8080", "--cp", str(ca_file)]
        command += ["--pw-env=OIDC_ENCRYPTION_PW", "--prompt=none", "--confirm-default"]
        done = subprocess.run(
            command, env=self.variables, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False
        )
        if done.returncode != 0:
            raise BrokenRunError(f"oidc-gen ended with {done.returncode}: {done.stderr.decode()}")
