"""The server that plays every provider of the catalogue: `Tests/Support/catalogue`, whose README says what it checks."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

SUPPORT = Path(__file__).resolve().parents[1] / "Support" / "catalogue"
HABITS = SUPPORT / "habits"
PATIENCE = 60


def habits() -> dict[str, dict[str, Any]]:
    """Every habit file, by the name of its provider."""
    return {file.stem: json.loads(file.read_text()) for file in sorted(HABITS.glob("*.json"))}


class Providers:
    """A running server. It ends with `stop`, or with this process."""

    def __init__(self, directory: Path, habits: Path = HABITS) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(SUPPORT), str(habits), "--directory", str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the server of the providers did not start"
        self.info: dict[str, Any] = json.loads(line)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait(PATIENCE)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def client(self, provider: str, **members: Any) -> dict[str, Any]:
        """Registers a client: `client_id`, `client_secret`, `redirect_uris`; what is not given is made up."""
        return dict(self._control("POST", "clients", {"provider": provider, **members}))

    def approve(self, provider: str, client_id: str, url: str) -> str:
        """A user consents at `url`: where the browser is sent back to."""
        body = {"provider": provider, "client_id": client_id, "url": url}
        answer = self._control("POST", "approve", body)
        assert "location" in answer, f"{provider} shows an error page: {answer}"
        return str(answer["location"])

    def order(self, provider: str, client_id: str, index: int, times: int) -> None:
        """The client's next good requests of that kind are answered with one of the habit's errors."""
        order = {"provider": provider, "client_id": client_id, "index": index, "times": times}
        self._control("POST", "errors", order)

    def is_current(self, provider: str, access_token: str) -> bool:
        """Whether it is the last one issued in its grant."""
        answer = self._control("POST", "check", {"provider": provider, "access_token": access_token})
        return bool(answer["known"] and answer["current"])

    def seen(self, provider: str, client_id: str) -> dict[str, Any]:
        """What the provider saw of a client; `problems` is what did not fit."""
        return dict(self._control("GET", f"providers/{provider}?client_id={client_id}"))

    def _control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(
            f"{self.info['control']}/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method=method,
        )
        with self._opener.open(request, timeout=PATIENCE) as reply:
            return json.load(reply)
