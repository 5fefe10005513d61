"""Tools: a configuration of 10 000 of them, each in a file of its own, is read and checked.

Beside what Debian's PyYAML takes with its C parser to read the same files, and do nothing with them.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from support.figures import BrokenRunError, Figure, ratio
from support.run import Run

TOOLS = 10_000
ROUNDS = 5
CATALOGUE = Path(__file__).resolve().parent.parent / "etc" / "toolauthd" / "providers.d"
_PATIENCE = 300
#: Debian's, which has the parser in C.
_PYTHON = "/usr/bin/python3"
_READ = """
import sys, pathlib, yaml
for file in pathlib.Path(sys.argv[1]).glob("*.yaml"):
    yaml.load(file.read_bytes(), yaml.CSafeLoader)
"""


def measure(run: Run) -> list[Figure]:
    """By turns, so that a busy moment of the machine hits both."""
    count = run.records(TOOLS)
    config = run.directory / "config"
    tools = config / "tools.d"
    tools.mkdir(parents=True)
    (config / "toolauthd.yaml").write_text("allow_inline_secrets: true\n")
    for number in range(count):
        (tools / f"tool-{number}.yaml").write_text(_tool(number))
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(run.rounds(ROUNDS)):
        ours.append(_timed(str(run.program), "--check", "--config", str(config), "--catalogue", str(CATALOGUE)))
        theirs.append(_timed(_PYTHON, "-c", _READ, str(tools)))
    return [
        Figure(f"reading and checking {count} tools", sorted(ours)[len(ours) // 2], "s", 2),
        ratio(f"reading and checking {count} tools, to PyYAML reading them", ours, theirs, None, "s"),
    ]


def _tool(number: int) -> str:
    """Most name a provider; every tenth brings its own, and every tenth changes one."""
    provider = ["google", "slack", "microsoft", "github", "zoho"][number % 5]
    if number % 10 == 3:
        provider = "{extends: google, refresh: {at_least: 12h}}"
    if number % 10 == 7:
        provider = f"""
    authorization: {{endpoint: "https://{number}.example.com/authorize"}}
    token: {{endpoint: "https://{number}.example.com/token"}}"""
    return f"""# Tool {number}.
tool-{number}:
  provider: {provider}
  title: Tool {number}
  client_id: client-{number}
  client_secret: secret-{number}
  scopes: [read, write]
  redirect_uris: ["https://app.example.com/callback/{number}"]
"""


def _timed(*command: str) -> float:
    began = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=_PATIENCE, check=False)
    seconds = time.monotonic() - began
    if done.returncode != 0 or b"unavailable" in done.stdout:
        sys.stderr.buffer.write(done.stdout[-2000:] + done.stderr[-2000:])
        raise BrokenRunError(f"{command[0]} ended with {done.returncode}")
    return seconds
