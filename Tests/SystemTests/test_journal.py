"""What an administrator reads in the journal, with a provider that fails: run by run.sh, inside a booted system."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import unittest
from pathlib import Path
from typing import Any

from service import configure, ctl, eventually, journal, message_id, prepare, run
from support.provider import Provider

CATALOGUE = Path("/usr/lib/systemd/catalog/toolauthd.catalog")
USERS = 200


def lines(name: str) -> list[dict[str, Any]]:
    return journal(f"MESSAGE_ID={message_id(name)}")


class JournalTests(unittest.TestCase):
    """One story, told in order: the methods' names sort as it goes."""

    provider: Provider
    info: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        run("journalctl", "--update-catalog")
        prepare()
        cls.provider = Provider()
        cls.addClassCleanup(cls.provider.stop)
        cls.provider.fail(kind="status", count=None)
        cls.info = cls.provider.info
        configure(cls.info)
        run("systemctl", "daemon-reload")
        run("systemctl", "start", "toolauthd.socket")

    def assert_below_ten_a_minute(self) -> None:
        """There are warnings of the tool, and no sixty seconds have ten of them."""
        warnings = journal("--priority=warning", "TOOLAUTH_TOOL=gmail")
        times = sorted(int(entry["__REALTIME_TIMESTAMP"]) / 1e6 for entry in warnings if "TOOLAUTH_TOOL" in entry)
        self.assertTrue(times)
        for first in times:
            self.assertLess(sum(first <= at < first + 60 for at in times), 10)

    def test_01_the_catalogue_is_installed(self) -> None:
        listed = run("journalctl", "--list-catalog").stdout
        identities = re.findall(r"^-- ([0-9a-f]{32})$", CATALOGUE.read_text(), re.MULTILINE)
        self.assertTrue(identities)
        for identity in identities:
            self.assertIn(identity, listed)

    def test_02_the_programs_that_it_names_are_there(self) -> None:
        programs = set(re.findall(r"^    (\S+)", CATALOGUE.read_text(), re.MULTILINE))
        self.assertLessEqual({"journalctl", "toolauthctl"}, programs)
        for program in sorted(programs):
            self.assertIsNotNone(shutil.which(program), program)
        commands = set(re.findall(r"^    (journalctl .*)$", CATALOGUE.read_text(), re.MULTILINE))
        self.assertTrue(commands)
        for command in sorted(commands):
            run(*command.replace("@TOOLAUTH_TOOL@", "gmail").split(), "--no-pager", "-q")

    def test_03_an_outage_is_a_few_lines(self) -> None:
        grants = [
            json.dumps(
                {
                    "tool_id": "gmail",
                    "user_id": f"user{number}",
                    "access_token": f"access-{number}",
                    "refresh_token": f"refresh-{number}",
                    "expires_in": 15,
                }
            )
            for number in range(USERS)
        ]
        # One that fails before so many do that it is an outage.
        ctl("import", "-", stdin=grants[0])
        eventually(lambda: len(lines("auth.degraded")) == 1, 60, "the first failure to be told")
        ctl("import", "-", stdin="\n".join(grants[1:]))
        eventually(lambda: bool(lines("endpointFailing")), 60, "the outage to be told")
        told = self.provider.counters()["requests"]["token"]
        eventually(lambda: self.provider.counters()["requests"]["token"] >= told + 2, 60, "probes to go out")
        self.assertEqual(len(lines("endpointFailing")), 1)
        self.assertLessEqual(len(lines("auth.degraded")), 3)
        self.assert_below_ten_a_minute()

    def test_04_it_is_found_by_its_tool_and_among_the_warnings(self) -> None:
        for match in ["TOOLAUTH_TOOL=gmail", "--priority=warning"]:
            found = [entry["MESSAGE"] for entry in journal(match)]
            said = [message for message in found if "fails for every grant" in message]
            self.assertEqual(len(said), 1, found)
            self.assertRegex(said[0], r"^gmail: http://\S+ fails for every grant, so only probes go out: .*\(.*\)\.$")

    def test_05_journalctl_explains_it(self) -> None:
        shown = run("journalctl", "-x", "-u", "toolauthd.service", "-p", "warning", "--no-pager").stdout
        self.assertIn("Subject: A token endpoint fails for every grant", shown)
        self.assertIn("Subject: A token of gmail could not be refreshed", shown)
        self.assertIn("Defined-By: toolauthd", shown)
        self.assertRegex(shown, r"toolauthctl auths show gmail user\d+")
        self.assertNotIn("@TOOLAUTH", shown)

    def test_06_every_line_has_its_explanation(self) -> None:
        ours = journal("SYSLOG_IDENTIFIER=toolauthd")
        self.assertGreater(len(ours), 5)
        known = CATALOGUE.read_text()
        for entry in ours:
            self.assertIn(f"-- {entry.get('MESSAGE_ID')}\n", known, entry["MESSAGE"])

    def test_07_a_line_names_the_place_that_made_it(self) -> None:
        places = {entry["CODE_FILE"] for entry in lines("auth.connected") + lines("auth.degraded") + lines("ready")}
        self.assertEqual(
            {Path(place).name for place in places},
            {"LiveToolAuthService+Import.swift", "RefreshMachine+Commits.swift", "Daemon.swift"},
        )

    def test_08_its_end_says_how_long_it_was_and_how_many_it_met(self) -> None:
        self.provider.recover()
        eventually(lambda: bool(lines("endpointRecovered")), 90, "the endpoint to be found well")
        self.assertRegex(lines("endpointRecovered")[0]["MESSAGE"], r"answers again after .*, and refreshes go on\.$")

    def test_09_grants_revoked_at_once_are_a_few_lines_and_a_sum(self) -> None:
        # The provider knows none of these refresh tokens.
        def ended() -> int:
            table = json.loads(ctl("auths", "--status", "needs_reauthorization", "--json").stdout)
            return len(table["auths"])

        eventually(lambda: ended() == USERS, 120, "all grants to be refused")
        dead = lines("auth.reauthorization_required")

        def sums() -> list[dict[str, Any]]:
            return [
                entry for entry in lines("floodSummary") if entry["TOOLAUTH_EVENT"] == "auth.reauthorization_required"
            ]

        eventually(lambda: bool(sums()), 90, "the sum")
        self.assertLessEqual(len(dead), 4)
        self.assertEqual(len(dead) + sum(int(entry["TOOLAUTH_COUNT"]) for entry in sums()), USERS)
        self.assertRegex(sums()[0]["MESSAGE"], r"^gmail: \d+ more users must connect again within the last minute")
        self.assert_below_ten_a_minute()

    def test_10_every_read_is_counted(self) -> None:
        grant = {"access_token": "access-alice", "refresh_token": "refresh-alice", "expires_in": 3600}
        ctl("import", "gmail", "alice", stdin=json.dumps(grant))
        with socket.socket(socket.AF_UNIX) as reader:
            reader.connect("/run/toolauthd/api.sock")
            connection = http.client.HTTPConnection("localhost")
            connection.sock = reader
            for _ in range(5000):
                connection.request("GET", "/v1/tools/gmail/users/alice/token")
                answer = connection.getresponse()
                answer.read()
                self.assertEqual(answer.status, 200)
        for _ in range(120):
            ctl("token", "gmail", "alice")
        # Sums are written at the latest when the daemon stops.
        run("systemctl", "stop", "toolauthd.socket", "toolauthd.service")
        reads = [entry for entry in lines("tokenIssued") if entry["TOOLAUTH_USER"] == "alice"]
        self.assertEqual(sum(int(entry["TOOLAUTH_COUNT"]) for entry in reads), 5120)
        ours = [int(entry["TOOLAUTH_COUNT"]) for entry in reads if entry.get("TOOLAUTH_PEER_PID") == str(os.getpid())]
        self.assertEqual(sum(ours), 5000)
        self.assertLess(len(reads), 110)
        self.assertEqual({entry["TOOLAUTH_RULE"] for entry in reads}, {"root"})


if __name__ == "__main__":
    unittest.main(failfast=True)
