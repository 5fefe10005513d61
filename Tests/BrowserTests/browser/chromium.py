"""A headless Chromium, spoken to in the DevTools protocol over a pair of pipes: no port, no WebSocket."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: A browser on a busy machine.
PATIENCE = 60
#: The least descriptor for our ends: well above those the browser wants to find its own at.
_FIRST_DESCRIPTOR = 20

Event = dict[str, Any]


def _options(profile: str) -> list[str]:
    options = [
        *("--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}", "--no-first-run", "--disable-gpu"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
        # A container's is often too small.
        *("--disable-dev-shm-usage", "--hide-scrollbars", "--no-default-browser-check"),
        # Nothing has a name here, so what the browser asks for by itself goes nowhere.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]
    if os.geteuid() == 0:
        # Its sandbox is not for root.
        options.append("--no-sandbox")
    return options


class Chromium:
    """A browser with a profile of its own, which goes with it."""

    def __init__(self) -> None:
        program = shutil.which("chromium")
        assert program is not None, "there is no chromium: see scripts/test-browser.sh"
        self._profile = tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True)
        its_input, self._commands = (_out_of_the_way(descriptor) for descriptor in os.pipe())
        self._replies, its_output = (_out_of_the_way(descriptor) for descriptor in os.pipe())
        # The browser's own messages are many, and none is about a page.
        with (Path(self._profile.name) / "log").open("wb") as log:
            # The protocol's place is descriptors 3 and 4. Should the test be killed, the browser goes too.
            self._process = subprocess.Popen(
                [
                    *("bash", "-c", f'exec setpriv --pdeathsig KILL -- "$@" 3<&{its_input} 4>&{its_output}', "bash"),
                    *(program, *_options(self._profile.name), "about:blank"),
                ],
                pass_fds=(its_input, its_output),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        os.close(its_input)
        os.close(its_output)
        self._received = b""
        self._last_id = 0
        #: By session: what it was told, in order.
        self.events: dict[str, list[Event]] = {}

    def close(self) -> None:
        """Ends it."""
        os.close(self._commands)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._replies)
        self._profile.cleanup()

    def command(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Sends a command and returns its result; fails where the browser refuses it."""
        self._last_id += 1
        message: dict[str, Any] = {"id": self._last_id, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        try:
            _write(self._commands, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            raise AssertionError(self._end(method)) from None
        deadline = time.monotonic() + PATIENCE
        while True:
            reply = self._take(deadline, method)
            if reply is not None and reply.get("id") == self._last_id:
                assert "error" not in reply, f"{method}: {reply['error']}"
                result: dict[str, Any] = reply["result"]
                return result

    def wait(self, holds: Callable[[], bool], what: str) -> None:
        """Takes events until `holds`."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            self._take(deadline, what)

    def _end(self, what: str) -> str:
        """How it ended, for the message of a failure."""
        code = self._process.wait(10)
        words = (Path(self._profile.name) / "log").read_text(errors="replace").splitlines()[-10:]
        return "\n".join([f"chromium ended with {code}, at {what}; its last words:", *words])

    def _take(self, deadline: float, what: str) -> dict[str, Any] | None:
        """The next message, or None for an event, which is kept."""
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._replies], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"chromium, within {PATIENCE} s: {what}"
            block = os.read(self._replies, 1 << 20)
            assert block, self._end(what)
            self._received += block
        text, _, self._received = self._received.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        if "method" not in message:
            return message
        self.events.setdefault(message.get("sessionId", ""), []).append(message)
        return None


def _out_of_the_way(descriptor: int) -> int:
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_DESCRIPTOR)
    os.close(descriptor)
    return moved


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
