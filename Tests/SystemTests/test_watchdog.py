"""A part of the daemon hangs, and the service manager's watchdog ends it: run by run.sh, inside a booted system."""

from __future__ import annotations

import json
import shutil
import socket
import unittest
from functools import partial
from pathlib import Path
from typing import Any

from service import PATIENCE, configure, ctl, eventually, journal, message_id, prepare, property_of, run
from support.provider import Provider

HANG = Path(__file__).resolve().parents[1] / "Support" / "hang" / "hang.c"
#: Where the service may read and write.
DIRECTORY = Path("/run/hang")
LIBRARY = Path("/usr/lib/toolauthd-hang.so")
USERS = [f"alice-{number}" for number in range(30)]
#: Due 10 s after each refresh.
LIFETIME = 20

DROP_IN = f"""
[Service]
WatchdogSec=6
Environment=LD_PRELOAD={LIBRARY} HANG_DIRECTORY={DIRECTORY}
ReadWritePaths={DIRECTORY}
StartLimitBurst=20
"""


def watchdog_timeouts() -> int:
    """How often the service manager has said that the service was silent for too long."""
    lines = run("journalctl", "-u", "toolauthd", "_PID=1", "--no-pager", "-o", "cat").stdout.splitlines()
    return sum("Watchdog timeout" in line for line in lines)


class WatchdogTests(unittest.TestCase):
    """Each part hangs once, while tokens are refreshed."""

    provider: Provider

    @classmethod
    def setUpClass(cls) -> None:
        prepare()
        compiler = next((name for name in ("clang", "cc", "gcc") if shutil.which(name)), None)
        if compiler is None:
            raise FileNotFoundError("no C compiler: clang, cc or gcc")
        run(compiler, "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o", str(LIBRARY), str(HANG), "-ldl")
        DIRECTORY.mkdir()
        shutil.chown(DIRECTORY, "toolauthd")
        # A reply may come to a store that hangs, and its refresh token is sent again then.
        cls.provider = Provider(lifetime=LIFETIME, latency=0.1, replay_window=120)
        cls.addClassCleanup(cls.provider.stop)
        configure(cls.provider.info, "{rotation: single_use, replay_window: 2m}")
        drop_in = Path("/etc/systemd/system/toolauthd.service.d/hang.conf")
        drop_in.parent.mkdir(parents=True)
        drop_in.write_text(DROP_IN)
        run("systemctl", "daemon-reload")
        run("systemctl", "start", "toolauthd.socket")
        ctl("import", "-", stdin="\n".join(json.dumps(cls.imported(user)) for user in USERS))

    @classmethod
    def imported(cls, user: str) -> dict[str, Any]:
        reply = cls.provider.grant(user)
        return {
            "tool_id": "gmail",
            "user_id": user,
            "access_token": reply["access_token"],
            "refresh_token": reply["refresh_token"],
            "expires_in": int(reply["expires_in"]),
        }

    def generations(self) -> dict[str, int]:
        auths = json.loads(ctl("auths", "--json").stdout)["auths"]
        return {auth["user_id"]: auth["generation"] for auth in auths}

    def hang(self, part: str) -> None:
        """Lets the part hang, and sees the daemon ended and started, and every grant refreshed after it."""
        before = self.generations()
        self.assertEqual(sorted(before), sorted(USERS))
        pid = property_of("toolauthd.service", "MainPID")
        restarts = int(property_of("toolauthd.service", "NRestarts"))
        # The other parts have hung in the same journal.
        timeouts = watchdog_timeouts()
        (DIRECTORY / part).touch()
        if part == "API":
            # Whoever accepts it hangs.
            caller = socket.socket(socket.AF_UNIX)
            self.addCleanup(caller.close)
            caller.connect("/run/toolauthd/api.sock")
        eventually(lambda: not (DIRECTORY / part).exists(), 60, f"{part} to hang")
        eventually(lambda: int(property_of("toolauthd.service", "NRestarts")) == restarts + 1, PATIENCE, "a restart")
        silent = [line["MESSAGE"] for line in journal(f"MESSAGE_ID={message_id('noProgress')}", f"_PID={pid}")]
        self.assertTrue(silent)
        for message in silent:
            self.assertEqual([name for name in ("store", "engine", "API") if name in message], [part], message)
        self.assertEqual(watchdog_timeouts(), timeouts + 1)

        # The socket has been there all the while: this waits for the new one.
        eventually(lambda: ctl("status", check=False).returncode == 0, 60, "an answer")
        self.assertNotEqual(property_of("toolauthd.service", "MainPID"), pid)
        eventually(
            lambda: all(generation > before[user] for user, generation in self.generations().items()),
            PATIENCE,
            "every grant to be refreshed",
        )
        self.assertEqual(sorted(self.generations()), sorted(USERS))
        for user in USERS:
            eventually(partial(self.is_good, user), 60, f"the provider to take the token of {user}")
        counters = self.provider.counters()
        self.assertEqual(counters["reuse"], 0)
        self.assertEqual(counters["dead_refresh_tokens"], 0)

    def is_good(self, user: str) -> bool:
        """Whether the provider takes the token that is handed out; asked again where it ended meanwhile."""
        token = ctl("token", "gmail", user).stdout.strip()
        return token in self.provider.active_tokens().get(user, set())

    def test_the_store_hangs(self) -> None:
        self.hang("store")

    def test_the_refresh_loop_hangs(self) -> None:
        self.hang("engine")

    def test_the_api_hangs(self) -> None:
        self.hang("API")


if __name__ == "__main__":
    unittest.main()
