"""The running daemon asked by a fuzzer that reads the document."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from pathlib import Path

import contract
from caller import call
from forwarder import Forwarder
from support.world import World

#: What the fuzzer sends at least.
LEAST_REQUESTS = 2000


class FuzzedTests(unittest.TestCase):
    """A daemon of its own: the fuzzer writes what it likes over every grant."""

    def setUp(self) -> None:
        self.world = World(0)
        self.addCleanup(self.world.close)
        self.world.start()
        self.world.connect(["alice", "bob"])
        self.socket = self.world.directory / "api.sock"

    def requests_so_far(self) -> int:
        text = call(self.socket, "GET", "/metrics").body.decode()
        return sum(
            int(float(line.rsplit(" ", 1)[1]))
            for line in text.splitlines()
            if line.startswith("toolauth_api_requests_total")
        )

    def test_fuzzed(self) -> None:
        """What nobody thought of: no 500, no undocumented status, no body or header that breaks its schema."""
        forwarder = Forwarder(self.socket)
        self.addCleanup(forwarder.close)
        before = self.requests_so_far()
        command = [
            *(str(Path(sys.executable).parent / "schemathesis"), "run", str(contract.DOCUMENT)),
            *("--url", f"http://127.0.0.1:{forwarder.port}", "--workers", "2", "--max-examples", "160"),
            # A stream has no end to wait for; it is looked at above.
            *("--phases", "examples,coverage,fuzzing", "--exclude-path", "/v1/events"),
            *("--checks", "not_a_server_error,status_code_conformance,content_type_conformance"),
            *("--checks", "response_schema_conformance,response_headers_conformance,unsupported_method"),
            *("--suppress-health-check", "all", "--request-timeout", "75", "--continue-on-failure", "--no-color"),
        ]
        result = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.world.directory, timeout=900,
            env={**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(self.world.directory / "hypothesis")},
        )
        sent = self.requests_so_far() - before
        print(f"{sent} generated requests", file=sys.stderr)
        self.assertEqual(result.returncode, 0, result.stdout[-15000:] + result.stderr[-2000:])
        self.assertGreaterEqual(sent, LEAST_REQUESTS)
        self.assertTrue(self.world.daemon is not None and self.world.daemon.is_running)
