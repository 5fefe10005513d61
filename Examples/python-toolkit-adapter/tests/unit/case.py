"""What the tests against a scripted socket share."""

from __future__ import annotations

import unittest

from delegated_tool_auth import DelegatedToolAuthentication

from .scripted import ScriptedDaemon


class ScriptedTestCase(unittest.TestCase):
    """Each test says what the socket answers."""

    daemon: ScriptedDaemon

    def script(self, *answers: bytes | None) -> DelegatedToolAuthentication:
        """A tool whose daemon gives these answers, one after another."""
        self.daemon = ScriptedDaemon(*answers)
        self.addCleanup(self.daemon.close)
        return DelegatedToolAuthentication("gmail", self.daemon.path, timeout=5)

    @property
    def targets(self) -> list[str]:
        """What was asked."""
        return [f"{asked.method} {asked.target}" for asked in self.daemon.asked]
