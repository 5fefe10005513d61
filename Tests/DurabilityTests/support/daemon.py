"""The real daemon in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from support.api import Client, UnansweredError
from support.polling import eventually

#: A start on a busy machine, in a build for debugging.
START_PATIENCE = 60
#: A stop answers what it accepted, finishes what is in flight, and commits.
STOP_PATIENCE = 60
#: What would tell the daemon that a service manager started it.
_SERVICE_VARIABLES = ("NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "JOURNAL_STREAM", "WATCHDOG_USEC", "WATCHDOG_PID")


def program(name: str) -> Path:
    """A built program, from where run.sh was told they are."""
    directory = os.environ.get("TOOLAUTHD_BIN")
    if directory is None:
        raise AssertionError("TOOLAUTHD_BIN is not set: start these tests with run.sh BIN_DIR")
    return Path(directory) / name


class Daemon:
    """A daemon that was started. Its state and its log outlive it."""

    def __init__(self, directory: Path, environment: dict[str, str] | None = None) -> None:
        """Starts one on `directory`, which has `config`, and does not wait for it."""
        self.socket_path = directory / "api.sock"
        self.log_path = directory / "log"
        variables = {name: value for name, value in os.environ.items() if name not in _SERVICE_VARIABLES}
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    # Should the test itself be killed, the daemon goes too.
                    *("setpriv", "--pdeathsig", "KILL", "--", str(program("toolauthd"))),
                    *("--config", str(directory / "config"), "--state-dir", str(directory / "state")),
                    *("--socket", str(self.socket_path)),
                ],
                env=variables | (environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended, as `subprocess` has it; None: it has not."""
        return self._process.poll()

    def wait_until_serving(self) -> None:
        """Returns once it answers; fails if it ends instead."""
        standing = self.wait_until_serving_or_dead()
        assert standing == "serving", f"expected the daemon to serve; it {standing}"

    def wait_until_serving_or_dead(self) -> str:
        """Returns `serving` once it answers, or how it ended."""
        return eventually(
            self._standing,
            lambda seen: seen == "serving" or seen.startswith("ended"),
            START_PATIENCE,
            "the daemon to serve or to end",
            step=0.02,
        )

    def _standing(self) -> str:
        if self.exit_code is not None:
            return f"ended with {self.exit_code}"
        try:
            with Client(self.socket_path, "") as client:
                answer = client.health()
            return "serving" if answer.status == 200 else str(answer)
        except UnansweredError as error:
            return str(error)

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends by itself before so much time has passed."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL; returns once the process is gone, which it may have been before."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Ends it in good order, and by force if that takes too long, which is a failure."""
        if not self.is_running:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"expected the daemon to stop within {STOP_PATIENCE} s; it had to be killed") from None
        assert code == 0, f"expected the daemon to stop with 0; it ended with {code}"
