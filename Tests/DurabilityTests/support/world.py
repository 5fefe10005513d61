"""A provider, a tool there, and the daemon that keeps its tokens, all in a directory of their own."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from support.api import Client
from support.daemon import Daemon, program
from support.ledger import Ledger
from support.power import PowerCut, build
from support.provider import Provider

TOOL = "mail"
IMPORTERS = 4


class World:
    """Everything one test starts; `close` ends and removes it."""

    def __init__(self, replay_window: int, **switches: Any) -> None:
        """
        A provider with single-use refresh tokens whose reuse ends the grant.

        `replay_window`: seconds for which a used refresh token still answers, as the daemon is told of its provider.
        `switches`: the provider's; what it really does is theirs to say.
        """
        self._temporary = tempfile.TemporaryDirectory(prefix="durability-")
        self.directory = Path(self._temporary.name).resolve()
        self.state = self.directory / "state"
        self.state.mkdir(mode=0o700)
        self.ledger = Ledger()
        #: What is to be done at the end, once no process uses the directory.
        self.cleanup = ExitStack()
        self.cleanup.callback(self._temporary.cleanup)
        self.daemon: Daemon | None = None
        habits = {"rotation": "single_use", "reuse_detection": True, "replay_window": replay_window}
        self.provider = Provider(**(habits | switches))
        self._configure(replay_window)

    def _configure(self, replay_window: int) -> None:
        info = self.provider.info
        tools = self.directory / "config" / "tools.d"
        tools.mkdir(parents=True)
        (tools.parent / "toolauthd.yaml").write_text("allow_inline_secrets: true\n")
        (tools / f"{TOOL}.yaml").write_text(
            f"""
{TOOL}:
  client_id: "{info["client_id"]}"
  client_secret: "{info["client_secret"]}"
  scopes: [read]
  redirect_uris: ["{info["redirect_uris"][0]}"]
  allow_http_loopback: true
  provider:
    issuer: "{info["issuer"]}"
    authorization: {{endpoint: "{info["authorization_endpoint"]}"}}
    token: {{endpoint: "{info["token_endpoint"]}", client_authentication: client_secret_basic}}
    refresh: {{rotation: single_use, replay_window: {replay_window}s}}
    revocation: {{endpoint: "{info["revocation_endpoint"]}"}}
"""
        )

    def start(self, environment: dict[str, str] | None = None) -> Daemon:
        """Starts the daemon, and returns once it serves."""
        daemon = self.spawn(environment)
        daemon.wait_until_serving()
        return daemon

    def spawn(self, environment: dict[str, str] | None = None) -> Daemon:
        """Starts the daemon, and returns at once."""
        self.daemon = Daemon(self.directory, environment)
        return self.daemon

    def power_cut(self) -> PowerCut:
        """What records the changes of the state directory, for daemons started in its environment."""
        return PowerCut(build(self.directory), self.state, self.directory / "power-cut")

    def client(self) -> Client:
        """A connection to the daemon, made with the first request."""
        return Client(self.directory / "api.sock", TOOL)

    def connect(self, users: Iterable[str], lifetime: Callable[[], int] | None = None) -> None:
        """
        Imports a grant for each, all of which must be acknowledged.

        `lifetime`: drawn for each first access token, so that not all come due together; None: the provider's.
        """

        members = {user: {} if lifetime is None else {"expires_in": lifetime()} for user in users}
        grants = {user: self.provider.grant(user, **members[user]) for user in members}

        def connect(user: str) -> None:
            with self.client() as client:
                answer = self.ledger.put_grant(client, user, grants[user])
            assert answer.status == 201, f"expected the import of {user} to be answered 201: {answer}"

        with ThreadPoolExecutor(IMPORTERS) as pool:
            list(pool.map(connect, grants))

    def records(self) -> dict[str, dict[str, Any]]:
        """Every record, by user."""
        with self.client() as client:
            return client.records()

    def toolauthctl(self, *arguments: str) -> str:
        """What toolauthctl prints; it must succeed."""
        command = [str(program("toolauthctl")), *arguments, "--socket", str(self.directory / "api.sock")]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, f"{' '.join(command)}: exit {result.returncode}\n{result.stdout}{result.stderr}"
        return result.stdout

    def rejected_tokens(self, users: Iterable[str]) -> list[str]:
        """Those of `users` whom the daemon hands no token that their provider takes."""
        rejected = []
        with self.client() as client:
            # The provider is asked last: a token that was handed out goes on working after a refresh.
            answers = {user: self.ledger.read(client, user) for user in users}
        active = self.provider.active_tokens()
        for user, answer in answers.items():
            if answer.body.get("access_token") not in active.get(user, set()):
                rejected.append(f"{user}: {answer.status} {answer.problem or 'with a token that is not active'}")
        return rejected

    @property
    def last_words(self) -> str:
        """The end of the daemon's log, for the message of a failure."""
        log = self.directory / "log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        # What the test itself asked for is no news.
        return "\n".join([line for line in lines if "event=auth.connected" not in line][-25:])

    def close(self) -> None:
        """Ends everything and removes the directory."""
        try:
            if self.daemon is not None:
                self.daemon.kill()
        finally:
            self.provider.stop()
            self.cleanup.close()
