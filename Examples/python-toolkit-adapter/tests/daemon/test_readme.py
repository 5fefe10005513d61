"""The README: its commands are run and must answer as it says, and its Python must do what it is shown for."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import textwrap
import unittest
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from .case import DaemonTestCase

EXAMPLE = Path(__file__).resolve().parents[2]
ROOT = EXAMPLE.parents[1]
#: A line of output that tells commands apart.
MARK = "== next =="
#: For all of them together.
PATIENCE = 120


def blocks(language: str) -> list[str]:
    """The README's blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", (EXAMPLE / "README.md").read_text(), re.MULTILINE | re.DOTALL)


def steps() -> list[tuple[str, str]]:
    """Each command of the README, and what it is said to print."""
    found: list[tuple[str, str]] = []
    for line in "".join(blocks("console")).splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        elif line.startswith("> "):
            found[-1] = (f"{found[-1][0]}\n{line[2:]}", "")
        else:
            found[-1] = (found[-1][0], f"{found[-1][1]}{line}\n")
    return found


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens at."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


class WalkThroughTests(unittest.TestCase):
    def setUp(self) -> None:
        """A copy of the project as far as the README needs it, with ports of its own."""
        directory = tempfile.TemporaryDirectory(prefix="readme-")
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        (self.root / "Tests").symlink_to(ROOT / "Tests")
        copy = self.root / EXAMPLE.relative_to(ROOT)
        shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("tests", "__pycache__"))
        self.ports = dict(zip(("8790", "8791"), map(str, free_ports(2)), strict=True))
        tool = copy / "demo" / "tools.d" / "gmail.yaml"
        tool.write_text(self.here(tool.read_text()))

    def here(self, text: str) -> str:
        """The same with the ports of this test."""
        return re.sub("8790|8791", lambda port: self.ports[port[0]], text)

    def run_all(self, commands: list[str]) -> list[str]:
        """What each command prints, errors among it; none of them may fail."""
        script = "set -eu\n" + "".join(f"{command}\necho '{MARK}'\n" for command in commands)
        path = f"{os.environ['TOOLAUTHD_BIN']}:{os.environ['PATH']}"
        # A file: what the shell leaves running where it fails would hold a pipe open.
        with (self.root / "printed").open("w+") as printed:
            shell = subprocess.Popen(
                ["bash", "-c", script],
                cwd=self.root,
                env=os.environ | {"PATH": path, "TMPDIR": str(self.root)},
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                # A group of its own, which is ended as a whole.
                start_new_session=True,
            )
            try:
                code = shell.wait(PATIENCE)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(shell.pid, signal.SIGKILL)
                shell.wait()
            printed.seek(0)
            output = printed.read()
        self.assertEqual(code, 0, output)
        return output.split(f"{MARK}\n")[:-1]

    def test_every_command_answers_as_it_says(self) -> None:
        commands, expected = zip(*steps(), strict=True)
        self.assertGreater(len(commands), 10)
        printed = self.run_all([self.here(command) for command in commands])
        for command, text, seen in zip(commands, expected, printed, strict=True):
            with self.subTest(command):
                pattern = re.escape(self.here(text)).replace("…", ".+")
                self.assertRegex(seen, re.compile(rf"\A{pattern}\Z", re.DOTALL))


class SnippetTests(DaemonTestCase):
    def names(self) -> dict[str, Any]:
        """What the README's Python leaves behind, all of it run in order where the daemon is found by itself."""
        names: dict[str, Any] = {"FRONTEND": "https://app.example.com"}
        for block in blocks("python"):
            exec(compile(textwrap.dedent(block), "README.md", "exec"), names)
        return names

    def setUp(self) -> None:
        found = mock.patch.dict(os.environ, {"TOOLAUTH_SOCKET": str(self.world.socket)})
        found.start()
        self.addCleanup(found.stop)

    def test_the_first_one_says_where_to_consent_and_then_has_a_token(self) -> None:
        with mock.patch("builtins.print") as printed:
            self.names()
            self.connect("alice")
            self.names()
        self.assertEqual([call.args[0] for call in printed.mock_calls], ["Consent here:", "A token that is valid now:"])
        self.assertEqual(self.whose(printed.mock_calls[1].args[1]), "alice")

    def test_the_route_connects_whom_the_class_sent_away(self) -> None:
        with mock.patch("builtins.print"):
            names = self.names()
        auth = names["GmailAuth"]()
        url = self.world.provider.consent(auth.get_auth_url("bob"))
        self.assertRegex(names["tool_auth"](SimpleNamespace(url=url), "alice"), r"\?error=[A-Z][\w%.-]+$")
        url = self.world.provider.consent(auth.get_auth_url("bob"))
        self.assertEqual(names["tool_auth"](SimpleNamespace(url=url), "bob"), "https://app.example.com")
        self.assertEqual(self.whose(auth.get_token(None, "bob")), "bob")


if __name__ == "__main__":
    unittest.main()
