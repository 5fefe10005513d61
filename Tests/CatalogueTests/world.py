"""A daemon that has a tool for each provider, and one more for each error that a provider knows."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from providers import Providers
from support.api import Answer, Client
from support.daemon import Daemon
from support.polling import eventually

#: The documents as shipped, byte for byte.
CATALOGUE = Path(__file__).resolve().parents[2] / "etc" / "toolauthd" / "providers.d"
PATIENCE = 60


@dataclass(frozen=True)
class Tool:
    """A tool of the daemon, with a client of its own at its provider."""

    id: str
    provider: str
    client: dict[str, Any]
    needs_user: bool

    @property
    def client_id(self) -> str:
        """The client's id, which names it to the provider."""
        return str(self.client["client_id"])


class World:
    """The provider's server, and the daemon. `close` ends and removes everything."""

    def __init__(self, habits: dict[str, dict[str, Any]]) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="catalogue-")
        self.directory = Path(self._temporary.name).resolve()
        for name in ("config/tools.d", "state", "providers"):
            (self.directory / name).mkdir(parents=True)
        (self.directory / "state").chmod(0o700)
        self.providers = Providers(self.directory / "providers")
        self._write_daemon()
        self.tools: dict[str, Tool] = {}
        for name, habit in habits.items():
            self._add(name, name, habit)
            for index in range(len(habit["errors"])):
                self._add(f"{name}-{index}", name, habit)
        self.daemon = Daemon(self.directory, {"TOOLAUTHD_CATALOGUE": str(CATALOGUE)})
        self.daemon.wait_until_serving()

    def _write_daemon(self) -> None:
        configuration = {
            "allow_inline_secrets": True,
            "proxy": self.providers.info["proxy"],
            "tls": {"ca_file": self.providers.info["ca_file"]},
        }
        (self.directory / "config" / "toolauthd.yaml").write_text(json.dumps(configuration))

    def _add(self, tool_id: str, provider: str, habit: dict[str, Any]) -> None:
        client = self.providers.client(provider)
        needs_user = habit["flow"] == "code"
        document: dict[str, Any] = {
            "provider": provider,
            "client_id": client["client_id"],
            "scopes": habit["tool"]["scopes"],
            "connection": habit["tool"]["connection"],
        }
        if client["client_secret"] is not None:
            document["client_secret"] = client["client_secret"]
        if needs_user:
            document["redirect_uris"] = client["redirect_uris"]
        # Every JSON text is one of YAML.
        file = self.directory / "config" / "tools.d" / f"{tool_id}.yaml"
        file.write_text(json.dumps({tool_id: document}))
        self.tools[tool_id] = Tool(tool_id, provider, client, needs_user)

    @contextmanager
    def player(self, tool_id: str) -> Iterator[Player]:
        """Somebody who uses a tool."""
        with Client(self.daemon.socket_path, tool_id) as client:
            yield Player(self, self.tools[tool_id], client)

    def outcomes(self, tool_id: str) -> dict[str, int]:
        """How the attempts of a tool ended, by outcome."""
        found: dict[str, int] = {}
        prefix = f'toolauth_refreshes_total{{tool="{tool_id}",outcome="'
        for line in self._metrics().splitlines():
            if line.startswith(prefix):
                outcome, count = line.removeprefix(prefix).split('"} ')
                found[outcome] = int(count)
        return found

    def _metrics(self) -> str:
        with Client(self.daemon.socket_path, "") as client:
            return client.text("/metrics")

    def close(self) -> None:
        """Ends everything and removes the directory."""
        try:
            self.daemon.stop()
        finally:
            self.providers.stop()
            self._temporary.cleanup()


class Player:
    """Uses one tool for alice."""

    def __init__(self, world: World, tool: Tool, client: Client) -> None:
        self._providers = world.providers
        self._world = world
        self.tool = tool
        self._client = client
        self._path = f"/v1/tools/{tool.id}/users/alice"

    def authorize(self) -> Answer:
        """Alice consents at the provider, and the callback is handed to the daemon: its answer."""
        begun = self._client.send("POST", f"{self._path}/authorize", {})
        assert begun.status == 201, begun
        location = self._providers.approve(self.tool.provider, self.tool.client_id, begun.body["auth_url"])
        return self._client.send("POST", "/v1/callback", {"url": location})

    def connect(self) -> dict[str, Any]:
        """Has a grant made, and returns its token as a reader gets it."""
        if self.tool.needs_user:
            answer = self.authorize()
            assert answer.status == 200, f"the callback: {answer}"
        return self.token()

    def token(self) -> dict[str, Any]:
        """The token, which must be the newest there is."""
        answer = self._client.token("alice")
        assert answer.status == 200, answer
        token = answer.body["access_token"]
        assert self._providers.is_current(self.tool.provider, token), "the token is not the last one issued"
        return answer.body

    def record(self) -> dict[str, Any]:
        """What is known of the grant."""
        answer = self._client.send("GET", self._path)
        assert answer.status == 200, answer
        return answer.body

    def refresh(self) -> Answer:
        """A forced refresh."""
        return self._client.send("POST", f"{self._path}/refresh")

    def refresh_in_time(self) -> Answer:
        """A forced refresh, as soon as the daemon allows one after the last."""
        return eventually(
            # The longest a provider has its client wait is a minute.
            self.refresh, lambda answer: answer.problem != "refresh-too-soon", 2 * PATIENCE, "leave to refresh", 0.5
        )

    def delete(self) -> None:
        """Forgets the grant."""
        answer = self._client.delete("alice")
        assert answer.status == 204, answer

    def order(self, index: int, times: int = 1) -> None:
        """The provider's next answers of that kind are one of its errors."""
        self._providers.order(self.tool.provider, self.tool.client_id, index, times)

    def seen(self) -> dict[str, Any]:
        """What the provider saw of this tool."""
        return self._providers.seen(self.tool.provider, self.tool.client_id)

    def outcomes(self) -> dict[str, int]:
        """How the tool's attempts ended."""
        return self._world.outcomes(self.tool.id)
