"""Every habit played by its own words: a client that does just what the habit demands has no problem with the server.

The environment variable CATALOGUE_HABITS names a directory of other habit files to try.
"""

import json
import os
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from catalogue.habit import KINDS, Endpoint, Habit
from catalogue.habit_files import read_directory
from catalogue.placeholders import fill, names
from catalogue.tests.harness import HABITS, Process
from serving.asking import Answer, basic, raw_basic

DIRECTORY = Path(os.environ.get("CATALOGUE_HABITS", HABITS))
#: RFC 7636 appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


class Player:
    """A client of one provider, with the tokens of one grant."""

    def __init__(self, server: Process, habit: Habit) -> None:
        self.server = server
        self.habit = habit
        self.client = server.control("POST", "clients", {"provider": habit.name})
        self.values = {
            "client_id": self.client["client_id"],
            "redirect_uri": self.client["redirect_uris"][0],
            "state": "a state",
            "verifier": VERIFIER,
        }

    @property
    def report(self) -> Any:
        """What the provider says of this client."""
        return self.server.control("GET", f"providers/{self.habit.name}?client_id={self.values['client_id']}")

    def connect(self, until: str = "refresh") -> None:
        """All that comes before a request of that kind: consent, exchange, upgrade, so far as there are such."""
        if self.habit.authorize is not None:
            self.consent()
            for kind in KINDS[: KINDS.index(until)]:
                if kind in self.habit.endpoints and kind != "refresh":
                    self.succeed(kind)

    def consent(self) -> None:
        """The user consents."""
        page = self.habit.authorize
        assert page is not None
        parameters = {"state": "a state"} if "state" not in page.forbids else {}
        if page.client_id_parameter not in page.forbids:
            parameters[page.client_id_parameter] = self.values["client_id"]
        parameters |= dict(page.address.query) | self.filled(page.requires)
        if "verifier" in names(self.habit.endpoints["exchange"].requires):
            parameters |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        answer = self.server.control(
            "POST",
            "approve",
            {
                "provider": self.habit.name,
                "url": f"{page.address}?{urlencode(parameters)}",
                "client_id": self.values["client_id"],
            },
        )
        callback = dict(parse_qsl(urlsplit(answer["location"]).query, strict_parsing=True))
        self.take(page.callback, callback)

    def filled(self, requires: dict[str, Any]) -> dict[str, Any]:
        """What is required, with values for its placeholders and for what may be anything."""
        anything = {name: "anything" if value == "*" else value for name, value in requires.items()}
        return dict(fill(anything, self.values, time()))

    def request(self, kind: str, secret: str | None = None, without: str = "") -> Answer:
        """A good request, or one with another secret or without a parameter."""
        endpoint = self.habit.endpoints[kind]
        parameters, headers = self.filled(endpoint.requires), self.filled(endpoint.headers)
        self.authenticate(endpoint, secret or self.client["client_secret"], parameters, headers)
        parameters.pop(without, None)
        query = dict(endpoint.address.query)
        body = None
        if endpoint.content == "query":
            query |= parameters
        elif endpoint.content == "json":
            body, headers["Content-Type"] = json.dumps(parameters), "application/json"
        else:
            body, headers["Content-Type"] = urlencode(parameters), "application/x-www-form-urlencoded"
        return self.server.send(endpoint.method, f"{endpoint.address}?{urlencode(query)}".rstrip("?"), body, headers)

    def authenticate(
        self, endpoint: Endpoint, secret: str | None, parameters: dict[str, Any], headers: dict[str, str]
    ) -> None:
        """Adds id and secret where they are to be."""
        if endpoint.authentication == "basic":
            headers |= basic(self.values["client_id"], secret or "")
        elif endpoint.authentication == "secret_as_user":
            headers |= raw_basic(f"{secret}:")
        elif endpoint.authentication == "post":
            if endpoint.client_id_parameter not in endpoint.forbids:
                parameters[endpoint.client_id_parameter] = self.values["client_id"]
            if secret is not None:
                parameters[endpoint.client_secret_parameter] = secret

    def succeed(self, kind: str) -> Answer:
        """A good request, answered as the habit says; keeps the tokens in the reply."""
        template = self.habit.endpoints[kind].reply
        answer = self.request(kind)
        assert answer.status == template.status, (kind, answer.status, answer.body)
        if template.encoding == "json":
            self.take(template.content, answer.json)
        elif template.encoding == "form":
            self.take(template.content, answer.form)
        return answer

    def take(self, template: Any, value: Any) -> None:
        """Keeps what stands where the template has `$code`, `$access_token` or `$refresh_token`."""
        for name, text in _taken(template, value):
            self.values[name] = text


def _taken(template: Any, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(template, dict):
        for name, member in template.items():
            yield from _taken(member, value[name])
    elif isinstance(template, list):
        for member, its in zip(template, value, strict=True):
            yield from _taken(member, its)
    elif template in ("$code", "$access_token", "$refresh_token"):
        yield template[1:], value


class RehearsalTests(unittest.TestCase):
    habits: dict[str, Habit]
    server: Process

    @classmethod
    def setUpClass(cls) -> None:
        cls.habits = read_directory(DIRECTORY)
        cls.server = Process(DIRECTORY)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.stop()

    def each(self, kind: str, test: Callable[[Player], None]) -> None:
        """Runs a test with a client of every provider that has such an endpoint, ready for a request to it."""
        for habit in self.habits.values():
            if kind in habit.endpoints:
                with self.subTest(habit.name):
                    player = Player(self.server, habit)
                    player.connect(kind)
                    test(player)

    def assert_current(self, player: Player) -> None:
        asked = {"provider": player.habit.name, "access_token": player.values["access_token"]}
        checked = self.server.control("POST", "check", asked)
        self.assertTrue(checked["current"] and checked["alive"], checked)

    def forget(self, player: Player) -> None:
        """Problems of no known client would be everybody's."""
        self.server.control("DELETE", f"providers/{player.habit.name}/problems")

    def test_flows_have_no_problem(self) -> None:
        def flow(player: Player) -> None:
            for kind in ("exchange", "upgrade"):
                if kind in player.habit.endpoints:
                    player.succeed(kind)
                    self.assert_current(player)
            self.assertEqual(player.report["problems"], [])

        self.each("exchange", flow)

    def test_refreshes_have_no_problem(self) -> None:
        def refresh(player: Player) -> None:
            for _ in range(3):
                player.succeed("refresh")
                self.assert_current(player)
            report = player.report
            self.assertEqual((report["refreshes"], report["problems"]), (3, []))

        self.each("refresh", refresh)

    def test_revocations_have_no_problem(self) -> None:
        def revoke(player: Player) -> None:
            player.succeed("revoke")
            report = player.report
            self.assertEqual((report["revocations"], report["live_grants"], report["problems"]), (1, 0, []))

        self.each("revoke", revoke)

    def test_every_error_can_be_ordered(self) -> None:
        for habit in self.habits.values():
            for index, error in enumerate(habit.errors):
                with self.subTest(f"{habit.name}: errors[{index}]"):
                    player = Player(self.server, habit)
                    player.connect(error.at)
                    order = {"provider": habit.name, "client_id": player.values["client_id"], "index": index}
                    self.server.control("POST", "errors", order)
                    self.assertEqual(player.request(error.at).status, error.reply.status)
                    if error.means == "grant_rejected":
                        self.assertEqual(player.request(error.at).status, error.reply.status)
                        self.assertEqual(player.report["live_grants"], 0)
                    else:
                        player.succeed(error.at)
                    self.assertEqual(player.report["problems"], [])

    def test_a_wrong_secret_is_refused_as_the_habit_says(self) -> None:
        def fail(player: Player) -> None:
            error = player.habit.error("client_rejected", "refresh")
            if player.habit.public or player.habit.endpoints["refresh"].authentication == "none":
                return
            answer = player.request("refresh", secret="wrong")
            self.assertEqual(answer.status, error.reply.status if error is not None else 401, answer.body)
            self.assertEqual(player.report["refreshes"], 0)
            self.assertTrue(player.report["problems"])
            self.forget(player)

        self.each("refresh", fail)

    def test_a_spent_refresh_token_ends_the_grant(self) -> None:
        def spend(player: Player) -> None:
            if player.habit.endpoints["refresh"].rotation != "single_use":
                return
            spent = player.values["refresh_token"]
            player.succeed("refresh")
            player.values["refresh_token"] = spent
            error = player.habit.error("grant_rejected", "refresh")
            assert error is not None
            self.assertEqual(player.request("refresh").status, error.reply.status)
            self.assertEqual(player.report["live_grants"], 0)

        self.each("refresh", spend)

    def test_each_missing_parameter_is_a_problem(self) -> None:
        for kind in KINDS:

            def miss(player: Player, kind: str = kind) -> None:
                for name in player.habit.endpoints[kind].requires:
                    player.request(kind, without=name)
                    # Which kind was meant cannot always be told.
                    missing = {problem.partition(": ")[2] for problem in player.report["problems"]}
                    self.assertIn(f"{name} is missing", missing)
                self.forget(player)
                player.succeed(kind)

            self.each(kind, miss)


class NameTests(unittest.TestCase):
    def test_every_placeholder_of_the_format_is_rehearsed(self) -> None:
        used: set[str] = set()
        for path in HABITS.glob("*.json"):
            used |= names(json.loads(path.read_text()))
        every = {"code", "state", "client_id", "redirect_uri", "verifier", "refresh_token", "access_token"}
        self.assertEqual(used, every | {"same_access_token", "epoch", "epoch_ms", "iso"})
