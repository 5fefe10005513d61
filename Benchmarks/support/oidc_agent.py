"""Debian's oidc-agent, with an account and a token that it has in memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.children import Child
from support.figures import BrokenRunError

_START_PATIENCE = 10.0
_ACCOUNT = "mail"


@dataclass(frozen=True)
class OIDCAgent:
    """A running agent."""

    socket_path: Path
    #: What its command line tools find it by.
    variables: dict[str, str]
    #: Prints the token that the agent has.
    command: tuple[str, ...] = ("oidc-token", _ACCOUNT)


@contextmanager
def oidc_agent(directory: Path, issuer: str, ca_file: Path) -> Iterator[OIDCAgent]:
    """Runs one in `directory`, which must not exist, with a token of the issuer; it ends with the block."""
    configuration = directory / "configuration"
    configuration.mkdir(mode=0o700, parents=True)
    variables = {
        "HOME": str(directory),
        "OIDC_CONFIG_DIR": str(configuration),
        "OIDC_SOCK": str(directory / "agent.sock"),
        "OIDC_ENCRYPTION_PW": "benchmark",
    }
    agent = OIDCAgent(directory / "agent.sock", os.environ | variables)
    # With --console it stays the process that was started.
    command = ["oidc-agent", "--console", "--no-webserver", "--no-scheme", "--no-autoload", "--no-autoreauthenticate"]
    child = Child([*command, "--socket-path", str(agent.socket_path)], directory / "log", variables)
    try:
        _wait_until_listening(agent, child)
        _add_account(agent, issuer, ca_file)
        yield agent
    finally:
        child.kill()


def _wait_until_listening(agent: OIDCAgent, child: Child) -> None:
    deadline = time.monotonic() + _START_PATIENCE
    while not agent.socket_path.exists():
        if not child.is_running or time.monotonic() > deadline:
            raise BrokenRunError(f"oidc-agent does not listen: {child.output}")
        time.sleep(0.02)


def _add_account(agent: OIDCAgent, issuer: str, ca_file: Path) -> None:
    command = ["oidc-gen", _ACCOUNT, "--manual", "--issuer", issuer, "--client-id", "benchmark"]
    command += ["--client-secret", "benchmark", "--scope", "openid offline_access", "--rt", "alice~0"]
    command += ["--redirect-uri", "http://localhost:8080", "--cp", str(ca_file)]
    command += ["--pw-env=OIDC_ENCRYPTION_PW", "--prompt=none", "--confirm-default"]
    done = subprocess.run(
        command, env=agent.variables, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False
    )
    if done.returncode != 0:
        raise BrokenRunError(f"oidc-gen ended with {done.returncode}: {done.stderr.decode()}")
