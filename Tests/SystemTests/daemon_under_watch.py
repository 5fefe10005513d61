"""A daemon of which everything that it says is kept: its API, toolauthctl, its pages, its events."""

from __future__ import annotations

import http.client
import json
import os
import pty
import select
import socket
import subprocess
import termios
import threading
from pathlib import Path
from typing import Any

from clients import Connection
from leaks.emitted import Emitted

PATIENCE = 60


class WatchedDaemon:
    """Asks a daemon, and keeps every byte it answers."""

    def __init__(self, name: str, socket_path: str, port: int, emitted: Emitted) -> None:
        """`port`: where it listens for browsers."""
        self.name = name
        self.socket_path = socket_path
        self.port = port
        self.emitted = emitted
        self._events = bytearray()
        self._reader: threading.Thread | None = None
        self._follower: subprocess.Popen[bytes] | None = None

    def place(self, what: str) -> str:
        return f"{what}: {self.name}"

    # The API.

    def ask(
        self,
        method: str,
        target: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        belongs: tuple[str, ...] = (),
        known: tuple[str, ...] = (),
    ) -> tuple[int, Any]:
        """One request; the status, and the body as JSON where it is any."""
        data, given = body, dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            data = json.dumps(body).encode()
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        connection = Connection(self.socket_path)
        try:
            connection.request(method, target, data, given)
            reply = connection.getresponse()
            text = reply.read()
        finally:
            connection.close()
        # The target may hold what was put into the wrong place: it is told without.
        family = "/".join(target.partition("?")[0].split("/")[:3]) if target.startswith("/v1/") else "elsewhere"
        where = f"API answers: {self.name}, {method} {family}"
        self.emitted.add(where, f"{reply.status} {reply.headers}".encode() + text, belongs, known)
        is_json = "json" in (reply.headers.get("Content-Type") or "")
        return reply.status, json.loads(text) if text and is_json else text.decode("utf-8", "replace")

    def token(self, target: str, query: str = "min_validity=0") -> str:
        """A token as the API hands it out, which is where it belongs."""
        connection = Connection(self.socket_path)
        try:
            connection.request("GET", f"{target}/token?{query}")
            reply = connection.getresponse()
            text = reply.read()
        finally:
            connection.close()
        assert reply.status == 200, (target, reply.status, json.loads(text).get("detail"))
        token = str(json.loads(text)["access_token"])
        self.emitted.add(f"token answers: {self.name}", text, belongs=(token,))
        return token

    def send_raw(self, data: bytes, known: tuple[str, ...] = ()) -> None:
        """Bytes that need be no request, and what comes back."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(self.socket_path)
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while more := connection.recv(65536):
                answer += more
        self.emitted.add(self.place("API answers"), answer, known=known)

    def follow_events(self) -> None:
        """Keeps the event stream, and what toolauthctl makes of it, until the daemon ends."""
        self._follower = subprocess.Popen(
            ["toolauthctl", "events", "-f"], env=self._environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        connection = Connection(self.socket_path)
        connection.request("GET", "/v1/events")
        reply = connection.getresponse()
        assert reply.status == 200, reply.status
        if connection.sock is not None:
            connection.sock.settimeout(None)

        def read() -> None:
            try:
                while data := reply.read1():
                    self._events += data
            except (OSError, http.client.HTTPException):
                pass
            connection.close()

        self._reader = threading.Thread(target=read, daemon=True)
        self._reader.start()

    def finish_events(self) -> bytes:
        """What the stream told, now that the daemon is gone."""
        assert self._reader is not None
        self._reader.join(PATIENCE)
        assert not self._reader.is_alive(), "the daemon is gone, and its event stream goes on"
        self.emitted.add(self.place("events"), bytes(self._events))
        self.finish_following()
        return bytes(self._events)

    def finish_following(self) -> None:
        """Ends toolauthctl's following, which would otherwise have a daemon that ended started anew."""
        if self._follower is None:
            return
        self._follower.terminate()
        told, _ = self._follower.communicate(timeout=PATIENCE)
        self._follower = None
        self.emitted.add(f"toolauthctl: {self.name}, events", told)

    # The page for browsers.

    def browse(self, target: str, known: tuple[str, ...] = ()) -> int:
        """What a browser gets there, which may be a redirect."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", target)
            reply = connection.getresponse()
            self.emitted.add(
                self.place("pages"), f"{reply.status} {reply.headers}".encode() + reply.read(), known=known
            )
            return reply.status
        finally:
            connection.close()

    def scrape(self, port: int) -> None:
        """The metrics, as a scraper gets them."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", "/metrics")
            reply = connection.getresponse()
            assert reply.status == 200, reply.status
            self.emitted.add(self.place("metrics"), reply.read())
        finally:
            connection.close()

    # toolauthctl.

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "TOOLAUTH_SOCKET": self.socket_path}

    def watch_top(self) -> None:
        """What is on a terminal for whoever watches."""
        leader, follower = pty.openpty()
        termios.tcsetwinsize(follower, (40, 120))
        process = subprocess.Popen(
            ["toolauthctl", "top"],
            env=self._environment() | {"TERM": "xterm"},
            stdin=follower,
            stdout=follower,
            stderr=follower,
        )
        os.close(follower)
        seen = b""
        try:
            while b"mail" not in seen:
                ready, _, _ = select.select([leader], [], [], PATIENCE)
                assert ready, f"toolauthctl top shows {len(seen)} bytes, and no tool"
                seen += os.read(leader, 65536)
            os.write(leader, b"q")
            process.wait(PATIENCE)
        finally:
            process.kill()
            process.wait()
            os.close(leader)
        self.emitted.add(f"toolauthctl: {self.name}, top", seen)

    def ctl(
        self,
        *arguments: str,
        stdin: str | None = None,
        belongs: tuple[str, ...] = (),
        known: tuple[str, ...] = (),
        is_program: str = "toolauthctl",
    ) -> subprocess.CompletedProcess[str]:
        """Runs it, keeps what it prints, and with `stdin` looks at its process before it gets any."""
        process = subprocess.Popen(
            [is_program, *arguments],
            env=self._environment(),
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if stdin is not None:
            self.look_at(process.pid, "toolauthctl")
        out, errors = process.communicate(stdin, PATIENCE)
        verb = " ".join(argument for argument in arguments[:2] if argument.isalpha())
        self.emitted.add(f"{is_program}: {self.name}, {verb}", out, belongs, known)
        self.emitted.add(f"{is_program}, standard error: {self.name}, {verb}", errors, known=known)
        return subprocess.CompletedProcess(arguments, process.returncode, out, errors)

    # The process.

    def look_at(self, pid: int, what: str, belongs: tuple[str, ...] = ()) -> None:
        """The arguments and the environment of a process."""
        for file in ("cmdline", "environ"):
            there = belongs if file == "environ" else ()
            self.emitted.add(f"/proc/PID/{file}: {what}, {self.name}", Path(f"/proc/{pid}/{file}").read_bytes(), there)
