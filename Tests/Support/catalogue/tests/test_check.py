"""What the checker says of habit files that are not as they should be."""

import copy
import json
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalogue.habit_files import HabitError, read_directory, read_file
from catalogue.tests.harness import HABITS, PACKAGE

_ACME = json.loads((HABITS / "acme.json").read_text())
_ROBOT = json.loads((HABITS / "robot.json").read_text())
_POSTCARD = json.loads((HABITS / "postcard.json").read_text())
_POCKET = json.loads((HABITS / "pocket.json").read_text())


class CheckTests(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def complaints(self, text: str, name: str = "x.json") -> list[str]:
        path = self.directory / name
        path.write_text(text)
        try:
            read_file(path)
        except HabitError as error:
            return error.complaints
        finally:
            path.unlink()
        return []

    def changed(self, change: Callable[[Any], Any], habit: Any = _ACME) -> list[str]:
        habit = copy.deepcopy(habit)
        change(habit)
        return self.complaints(json.dumps(habit))

    def assert_says(self, change: Callable[[Any], Any], *complaints: str, habit: Any = _ACME) -> None:
        self.assertEqual(self.changed(change, habit), [f"x.json: {complaint}" for complaint in complaints])

    def test_good_files_are_good(self) -> None:
        for path in HABITS.glob("*.json"):
            self.assertEqual(self.complaints(path.read_text()), [])

    def test_files_that_are_no_json(self) -> None:
        self.assertIn("x.json: is no JSON: Expecting", self.complaints("{")[0])
        self.assertEqual(self.complaints("[]"), ["x.json: must be an object, not a list"])
        twice = json.dumps(_ACME)[:-1] + ', "flow": "code"}'
        self.assertEqual(self.complaints(twice), ["x.json: flow: comes more than once in its object"])
        self.assertIn("the file's name is none", self.complaints(json.dumps(_ACME), "X y.json")[0])

    def test_unknown_and_missing_keys(self) -> None:
        self.assert_says(lambda habit: habit.pop("expects"), "expects: is missing")
        self.assert_says(lambda habit: habit.update(note="x"), "note: there is no such key")
        self.assert_says(
            lambda habit: habit["exchange"].update(authentification="basic"),
            "exchange.authentification: there is no such key; perhaps authentication",
        )
        self.assert_says(lambda habit: habit["exchange"].pop("url"), "exchange.url: is missing")
        self.assert_says(lambda habit: habit["refresh"]["reply"].pop("status"), "refresh.reply.status: is missing")
        self.assert_says(lambda habit: habit["errors"][2].pop("means"), "errors[2].means: is missing")
        self.assert_says(
            lambda habit: habit["exchange"].update(rotation="none"), "exchange.rotation: belongs to refresh"
        )

    def test_values_of_other_types(self) -> None:
        for change, complaint in (
            (lambda habit: habit.update(errors={}), "errors: must be a list, not an object"),
            (lambda habit: habit["tool"].update(scopes="a b"), "tool.scopes: must be a list, not text"),
            (lambda habit: habit["tool"]["scopes"].append(1), "tool.scopes[2]: must be text, not a number"),
            (lambda habit: habit["tool"].update(public=1), "tool.public: must be true or false, not a number"),
            (lambda habit: habit["tool"]["connection"].update(a=1), "tool.connection.a: must be text, not a number"),
            (lambda habit: habit["expects"].update(expires_in="1h"), "expects.expires_in: must be a number, not text"),
            (lambda habit: habit["expects"].update(scope=None), "expects.scope: must be text, not null"),
            (
                lambda habit: habit["errors"][0]["reply"].update(status=True),
                "errors[0].reply.status: must be a number, not true or false",
            ),
            (
                lambda habit: habit["exchange"]["requires"].update(a=None),
                "exchange.requires.a: must be text, a number or a boolean",
            ),
            (
                lambda habit: habit["exchange"].update(headers={"A": 1}),
                "exchange.headers.A: must be text, not a number",
            ),
        ):
            with self.subTest(complaint):
                self.assert_says(change, complaint)

    def test_words_that_are_none_of_those_known(self) -> None:
        for change, complaint in (
            (lambda habit: habit.update(flow="device"), "flow: 'device' is none of code, reacquire"),
            (lambda habit: habit["exchange"].update(method="post"), "exchange.method: 'post' is none of POST, GET"),
            (
                lambda habit: habit["exchange"].update(authentication="client_secret_basic"),
                "exchange.authentication: 'client_secret_basic' is none of basic, post, secret_as_user, none",
            ),
            (
                lambda habit: habit["exchange"].update(content="xml"),
                "exchange.content: 'xml' is none of form, json, query",
            ),
            (
                lambda habit: habit["refresh"].update(rotation="single-use"),
                "refresh.rotation: 'single-use' is none of none, rotating, single_use; perhaps single_use",
            ),
            (
                lambda habit: habit["errors"][0].update(at="token"),
                "errors[0].at: 'token' is none of exchange, upgrade, refresh, revoke",
            ),
            (
                lambda habit: habit["errors"][0].update(means="grant_reject"),
                (
                    "errors[0].means: 'grant_reject' is none of grant_rejected, client_rejected, transient, "
                    "request_rejected; perhaps grant_rejected"
                ),
            ),
            (
                lambda habit: habit["errors"][3].update(means="transient"),
                "errors[3].means: 'transient' is none of refused, unreachable",
            ),
        ):
            with self.subTest(complaint):
                said = self.changed(change)
                self.assertEqual(len(said), 1, said)
                self.assertTrue(said[0].startswith(f"x.json: {complaint}"), said)

    def test_placeholders_that_are_not_known_there(self) -> None:
        for change, complaint in (
            (
                lambda habit: habit["exchange"]["requires"].update(code_verifier="$code_verifier"),
                (
                    "exchange.requires.code_verifier: there is no placeholder $code_verifier in what exchange "
                    "requires; there are $client_id, $code, $redirect_uri, $state, $verifier"
                ),
            ),
            (
                lambda habit: habit["authorize"]["requires"].update(code_challenge="$verifier"),
                (
                    "authorize.requires.code_challenge: there is no placeholder $verifier in what authorize requires; "
                    "there are $client_id, $redirect_uri, $state"
                ),
            ),
            (
                lambda habit: habit["authorize"]["callback"].update(x="$realm"),
                "authorize.callback.x: there is no placeholder $realm in a callback; there are $code, $state",
            ),
            (
                lambda habit: habit["refresh"]["reply"]["json"].update(a=[{"b": "$expires"}]),
                (
                    "refresh.reply.json.a[0].b: there is no placeholder $expires in a reply of refresh; there are "
                    "$access_token, $epoch, $epoch_ms, $iso, $refresh_token, $same_access_token"
                ),
            ),
            (
                lambda habit: habit["errors"][0]["reply"]["json"].update(a="$access_token"),
                (
                    "errors[0].reply.json.a: there is no placeholder $access_token in an error; there are $epoch, "
                    "$epoch_ms, $iso"
                ),
            ),
            (
                lambda habit: habit["refresh"]["reply"]["json"].update(a="$access_token+5"),
                "refresh.reply.json.a: $access_token takes no +5",
            ),
            (
                lambda habit: habit["exchange"]["headers"].update(A="Bearer $token"),
                (
                    "exchange.headers.A: there is no placeholder $token in what exchange requires; there are "
                    "$client_id, $code, $redirect_uri, $state, $verifier"
                ),
            ),
        ):
            with self.subTest(complaint):
                self.assert_says(change, complaint)

    def test_urls_and_hosts(self) -> None:
        for url, complaint in (
            ("http://a.example/x", "'http://a.example/x' is no https URL"),
            ("https://a.example/ x", "'https://a.example/ x' is no https URL"),
            ("https://u@a.example/x", "'https://u@a.example/x' may have neither user nor fragment"),
            ("https://a.example/x#y", "'https://a.example/x#y' may have neither user nor fragment"),
            ("https://127.0.0.1/x", "'127.0.0.1' is no name of a host, in lower case"),
            (
                "https://${connection.shop}.example/x",
                "'${connection.shop}.example' is no name of a host, in lower case",
            ),
            ("https://A.example/x", "'A.example' is no name of a host, in lower case"),
            ("https://localhost/x", "'localhost' is no name of a host, in lower case"),
        ):
            with self.subTest(url):
                habit = copy.deepcopy(_ACME)
                habit["revoke"]["url"] = url
                self.assertEqual(self.complaints(json.dumps(habit)), [f"x.json: revoke.url: {complaint}"])
        self.assert_says(
            lambda habit: habit["documentation"].append("docs"), "documentation[1]: 'docs' is no https URL"
        )
        self.assert_says(lambda habit: habit.update(documentation=[]), "documentation: names no page")
        self.assert_says(lambda habit: habit["discovery"].pop("issuer"), "discovery.issuer: is missing")

    def test_replies(self) -> None:
        self.assert_says(
            lambda habit: habit["revoke"]["reply"].update(json={}, text=""),
            "revoke.reply: has json and text, of which there can be one",
        )
        self.assert_says(
            lambda habit: habit["revoke"]["reply"].update(status=99), "revoke.reply.status: 99 is no status of a reply"
        )
        self.assert_says(
            lambda habit: habit["revoke"]["reply"].update(form={"a": {}}),
            "revoke.reply.form.a: must be text, a number or a boolean",
        )

    def test_members_that_do_not_go_together(self) -> None:
        for change, complaint in (
            (lambda habit: habit.pop("authorize"), "authorize: is missing, which the flow code begins with"),
            (
                lambda habit: habit.update(
                    exchange=None, errors=[error for error in habit["errors"] if error["at"] == "refresh"]
                ),
                "exchange: is missing, which the flow code begins with",
            ),
            (
                lambda habit: habit["exchange"]["requires"].update(code="*"),
                "exchange.requires: has no $code, by which the request finds its grant",
            ),
            (
                lambda habit: habit["revoke"]["requires"].update(token="*"),
                "revoke.requires: has no $access_token or $refresh_token, by which the request finds its grant",
            ),
            (lambda habit: habit["authorize"]["callback"].pop("state"), "authorize.callback: has no $state"),
            (lambda habit: habit["exchange"]["forbids"].append("code"), "exchange.forbids[1]: code is required too"),
            (
                lambda habit: habit["exchange"]["requires"].pop("code_verifier"),
                "exchange.requires: has no $verifier for the code_challenge that authorize requires",
            ),
            (
                lambda habit: habit["exchange"]["reply"]["json"].pop("access_token"),
                "exchange.reply: gives no $access_token",
            ),
            (
                lambda habit: habit["exchange"]["reply"]["json"].pop("refresh_token"),
                "exchange.reply: gives no $refresh_token, which refresh requires",
            ),
            (
                lambda habit: habit["refresh"]["reply"]["json"].pop("refresh_token"),
                "refresh.reply: gives no $refresh_token, though rotation is single_use",
            ),
            (lambda habit: habit["errors"].pop(1), "errors: has none at refresh that means client_rejected"),
            (
                lambda habit: habit["errors"][0].update(at="upgrade", means="refused"),
                "errors[0].at: there is no upgrade",
            ),
            (lambda habit: habit["exchange"].update(method="GET"), "exchange.content: a GET has its parameters in the"),
        ):
            with self.subTest(complaint):
                said = self.changed(change)
                self.assertEqual(len(said), 1, said)
                self.assertTrue(said[0].startswith(f"x.json: {complaint}"), said)

    def test_flows_without_a_code(self) -> None:
        self.assert_says(
            lambda habit: habit.update(exchange=_ACME["exchange"]),
            "exchange: is none of the flow reacquire, which has only refresh and perhaps revoke",
            habit=_ROBOT,
        )
        self.assert_says(
            lambda habit: habit["refresh"]["requires"].update(refresh_token="$refresh_token"),
            "refresh.requires.refresh_token: there is no placeholder $refresh_token in what refresh requires; "
            "there are $client_id",
            habit=_ROBOT,
        )

    def test_public_clients(self) -> None:
        self.assert_says(
            lambda habit: habit["exchange"].update(authentication="basic"),
            "exchange.authentication: is basic, but a public client has no secret to show",
            habit=_POCKET,
        )

    def test_a_client_that_shows_nothing_cannot_be_wrong(self) -> None:
        self.assert_says(lambda habit: habit["errors"].pop(1), habit=_POSTCARD)

    def test_a_grant_that_is_to_be_refreshable_is_refreshed(self) -> None:
        self.assert_says(
            lambda habit: habit["expects"].update(refreshable=True),
            "refresh: is missing, though the grant is expected to be refreshable",
            habit=_POCKET,
        )

    def test_habits_that_disagree_on_an_issuer(self) -> None:
        (self.directory / "a.json").write_text(json.dumps(_ACME))
        other = copy.deepcopy(_ACME)
        other["discovery"]["token_endpoint"] = "https://login.acme.example/other"
        (self.directory / "b.json").write_text(json.dumps(other))
        with self.assertRaises(HabitError) as caught:
            read_directory(self.directory)
        self.assertEqual(caught.exception.complaints, ["b.json: discovery: is not what a.json has for the same issuer"])

    def run_python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], check=False, capture_output=True, text=True, cwd=PACKAGE.parent, timeout=60
        )

    def test_checker_and_server_say_the_same(self) -> None:
        broken = copy.deepcopy(_ACME) | {"flow": 1, "more": 2}
        (self.directory / "a.json").write_text(json.dumps(broken))
        (self.directory / "b.json").write_text("{")
        said = [
            self.run_python(*command)
            for command in (
                ["-m", "catalogue.check", str(self.directory)],
                ["-m", "catalogue", str(self.directory), "--directory", str(self.directory / "run")],
            )
        ]
        self.assertEqual([run.returncode for run in said], [1, 1])
        self.assertEqual(said[0].stderr, said[1].stderr)
        self.assertEqual(said[0].stderr.splitlines()[0], "a.json: more: there is no such key")
        self.assertEqual(len(said[0].stderr.splitlines()), 3)

    def test_a_directory_must_have_some(self) -> None:
        for directory in (self.directory, self.directory / "nowhere"):
            with self.assertRaises(HabitError):
                read_directory(directory)

    def test_good_files_are_counted(self) -> None:
        run = self.run_python("-m", "catalogue.check", str(HABITS))
        self.assertEqual(
            (run.returncode, run.stdout), (0, f"{len(list(HABITS.glob('*.json')))} habit files are good\n")
        )
