"""What the system tests share: programs run, units and the journal looked at."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Seconds that any program may take.
PATIENCE = 300


def run(*command: str, stdin: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Runs a program and returns what it printed; what it said on failure is in the exception."""
    # Nobody is there to answer a question.
    source = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE, **source)
    if check and result.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit {result.returncode}\n{result.stdout}{result.stderr}")
    return result


def eventually(condition: Callable[[], bool], within: float, what: str) -> None:
    """Polls until the condition holds."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what}")
        time.sleep(0.2)


def property_of(unit: str, name: str) -> str:
    return run("systemctl", "show", unit, "--property", name, "--value").stdout.strip()


def journal(*matches: str) -> list[dict[str, Any]]:
    lines = run("journalctl", "-u", "toolauthd", "-o", "json", "--no-pager", *matches).stdout.splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def ctl(*arguments: str, stdin: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
    return run("toolauthctl", *arguments, stdin=stdin, check=check)


def message_id(name: str) -> str:
    """The id of the kind of line that docs/journal.md calls so."""
    guide = (Path(__file__).resolve().parents[2] / "docs" / "journal.md").read_text()
    found = re.search(rf"^\| {re.escape(name)} \|.*`([0-9a-f]{{32}})` \|$", guide, re.MULTILINE)
    assert found is not None, name
    return found[1]


def prepare() -> None:
    """Makes the users and directories of the service, as its package does."""
    run("systemd-sysusers")
    run("systemd-tmpfiles", "--create", "--prefix=/run/toolauthd")


def configure(
    provider: dict[str, Any], refresh: str = "{rotation: single_use}", client_secret: str = "{file: secret}"
) -> None:
    """Configures the tool gmail at the provider of Tests/Support; what it is given is in YAML's flow style."""
    config = Path("/etc/toolauthd")
    (config / "tools.d").mkdir(parents=True, exist_ok=True)
    (config / "tools.d" / "gmail.yaml").write_text(f"""
gmail:
  client_id: {provider["client_id"]}
  client_secret: {client_secret}
  scopes: [read]
  redirect_uris: ["http://127.0.0.1:8790/callback"]
  allow_http_loopback: true
  provider:
    authorization: {{endpoint: "{provider["authorization_endpoint"]}"}}
    token: {{endpoint: "{provider["token_endpoint"]}"}}
    refresh: {refresh}
""")
    secret = config / "secret"
    secret.touch(mode=0o600)
    secret.write_text(provider["client_secret"])
    shutil.chown(secret, "toolauthd")
