"""What the contract is tested against: a provider, tools there, and the daemon that keeps their tokens."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from support.daemon import Daemon
from support.provider import Provider

#: The catalogue as shipped, so that there is one.
CATALOGUE = Path(__file__).resolve().parents[2] / "etc" / "toolauthd" / "providers.d"
#: Nothing listens there.
DEAD_PORT = 1

_TOOL = """
{id}:
  title: {title}
  client_id: "{client_id}"
  client_secret: "{client_secret}"
  scopes: [read]
  optional_scopes: [write]
  extra_parameters: [access_type]
  redirect_uris: ["{redirect_uri}"]
  frontend_redirects: ["https://app.example.com/*"]
  allow_http_loopback: true
  provider:
    title: Example
    issuer: "{issuer}"
    authorization: {{endpoint: "{authorization_endpoint}"}}
    token: {{endpoint: "{token_endpoint}", client_authentication: client_secret_basic}}
    refresh: {{rotation: {rotation}}}
    revocation: {{endpoint: "{revocation_endpoint}"}}
"""
#: Its provider needs no user.
_ROBOT = """
robot:
  title: Robot
  client_id: "{client_id}"
  client_secret: "{client_secret}"
  allow_http_loopback: true
  provider:
    token: {{endpoint: "{token_endpoint}", client_authentication: client_secret_basic}}
    refresh: {{how: reacquire}}
"""
_UNAVAILABLE = """
unavailable:
  title: Unavailable
  provider: github
  client_id: client
  client_secret: {file: secrets/missing}
  redirect_uris: ["https://app.example.com/callback"]
"""


class ContractProvider(Provider):
    """A provider whose requests can be spoilt, and whose grants can be ended."""

    def kill(self, user: str) -> None:
        """Ends every grant of a user."""
        self._control("POST", "grants/kill", {"user": user})

    def fail(self, kind: str, **members: Any) -> None:
        """Spoils the next token request."""
        self._control("POST", "failures", {"kind": kind, **members})


class World:
    """
    The tools `gmail` and `github` at a provider, `unreachable` at none, `robot`, which needs no user, and
    `unavailable`, whose secret is missing.

    `close` ends and removes everything.
    """

    def __init__(self, configuration: str = "", credentials: dict[str, str] | None = None) -> None:
        """`configuration`: more lines of toolauthd.yaml. `credentials`: those of the unit, by name."""
        self._temporary = tempfile.TemporaryDirectory(prefix="contract-")
        self.directory = Path(self._temporary.name).resolve()
        self.socket = self.directory / "api.sock"
        self.database = self.directory / "state" / "toolauthd.db"
        (self.directory / "state").mkdir(mode=0o700)
        self._environment: dict[str, str] = {}
        if credentials:
            directory = self.directory / "credentials"
            directory.mkdir(mode=0o700)
            for name, text in credentials.items():
                (directory / name).write_text(text)
            self._environment["CREDENTIALS_DIRECTORY"] = str(directory)
        self.tools = self.directory / "config" / "tools.d"
        self.tools.mkdir(parents=True)
        (self.tools.parent / "providers.d").symlink_to(CATALOGUE)
        self.configure(configuration)
        self.provider = ContractProvider()
        info = {**self.provider.info, "redirect_uri": self.provider.info["redirect_uris"][0]}
        dead = {**info, "token_endpoint": f"http://127.0.0.1:{DEAD_PORT}/token"}
        for tool_id, title, rotation, values in [
            ("gmail", "Gmail", "single_use", info),
            ("github", "GitHub", "none", info),
            ("unreachable", "Unreachable", "none", dead),
        ]:
            text = _TOOL.format_map({**values, "id": tool_id, "title": title, "rotation": rotation})
            (self.tools / f"{tool_id}.yaml").write_text(text)
        (self.tools / "robot.yaml").write_text(_ROBOT.format_map(info))
        (self.tools / "unavailable.yaml").write_text(_UNAVAILABLE)
        self.daemon = self._start()

    def _start(self) -> Daemon:
        daemon = Daemon(self.directory, self._environment)
        daemon.wait_until_serving()
        return daemon

    def restart(self) -> None:
        """Starts the daemon on what it has stored; one that runs is ended before."""
        self.stop()
        self.daemon = self._start()

    def stop(self) -> None:
        """Ends the daemon."""
        self.daemon.stop()

    def configure(self, configuration: str) -> None:
        """Writes toolauthd.yaml, which the daemon reads when it starts."""
        (self.tools.parent / "toolauthd.yaml").write_text(f"allow_inline_secrets: true\n{configuration}")

    def change_tool(self, tool_id: str, old: str, new: str) -> None:
        """Edits the file of a tool, which the daemon reads when it starts."""
        file = self.tools / f"{tool_id}.yaml"
        text = file.read_text()
        assert old in text, f"{old} is not in {text}"
        file.write_text(text.replace(old, new))

    def break_tool(self, tool_id: str) -> None:
        """Takes a tool's secret away."""
        secret = self.provider.info["client_secret"]
        self.change_tool(tool_id, f'client_secret: "{secret}"', "client_secret: {file: secrets/missing}")

    def close(self) -> None:
        """Ends everything and removes the directory."""
        try:
            self.daemon.kill()
        finally:
            self.provider.stop()
            self._temporary.cleanup()

    @property
    def last_words(self) -> str:
        """The end of the daemon's log, for the message of a failure."""
        return "\n".join(self.daemon.log_path.read_text(errors="replace").splitlines()[-25:])


def nobody_may(actions: str = "") -> str:
    """The configuration under which the user of these tests may do no more than `actions`, of gmail and alice."""
    return f"""
clients:
  - name: readers
    match: {{uid: {os.geteuid()}}}
    allow: {{actions: [{actions}], tools: [gmail], users: [alice]}}
"""
