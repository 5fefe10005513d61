"""The running daemon asked by a fuzzer that reads the document."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import contract
from caller import call
from case import TroubledTestCase
from forwarder import Forwarder

#: What the fuzzer sends at least.
LEAST_REQUESTS = 2000
#: Of each operation; for some there are not so many.
EXAMPLES = 100
#: The fuzzer is ended after so many seconds.
PATIENCE = 170
#: Draws again what the run with that seed drew.
SEED_VARIABLE = "CONTRACT_SEED"


class FuzzedTests(TroubledTestCase):
    def requests_so_far(self) -> int:
        """How many requests the daemon has answered."""
        text = call(self.world.socket, "GET", "/metrics").body.decode()
        counts = re.findall(r"^toolauth_api_requests_total\{.*\} (\d+)", text, re.MULTILINE)
        return sum(int(count) for count in counts)

    def test_nothing_that_can_be_thought_of_breaks_the_contract(self) -> None:
        """No 500, no status, media type, body or header that the document does not have."""
        self.connect("alice")
        forwarder = Forwarder(self.world.socket)
        self.addCleanup(forwarder.close)
        before = self.requests_so_far()
        here = Path(__file__).resolve().parent
        seed = os.environ.get(SEED_VARIABLE)
        command = [
            *(
                str(Path(sys.executable).parent / "schemathesis"),
                "--config-file",
                str(here / "schemathesis.toml"),
                "run",
            ),
            *(str(contract.DOCUMENT), "--url", f"http://127.0.0.1:{forwarder.port}", "--max-examples", str(EXAMPLES)),
            # A stream has no end to wait for: see test_events.py.
            *("--phases", "examples,coverage,fuzzing,stateful", "--exclude-operation-id", "followEvents"),
            *(("--seed", seed) if seed else ()),
        ]
        # What it keeps for later runs goes with the world.
        result = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.world.directory, timeout=PATIENCE
        )
        sent = self.requests_so_far() - before
        print(f"{sent} generated requests were sent", file=sys.stderr)
        self.assertEqual(
            result.returncode, 0, f"{result.stdout[-15_000:]}{result.stderr[-2000:]}{self.world.last_words}"
        )
        self.assertGreaterEqual(sent, LEAST_REQUESTS)
        self.assertTrue(self.world.daemon.is_running)
        self.assertNotIn("Internal error", self.world.daemon.log_path.read_text(errors="replace"))
