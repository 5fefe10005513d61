"""Habits other than the usual: other places for parameters, other ways to authenticate, other kinds of grants."""

import base64
import json
from datetime import UTC, datetime
from time import time
from typing import Any
from urllib.parse import urlencode

from catalogue.tests.harness import CatalogueTestCase, form
from serving.asking import Answer, basic, raw_basic


class SharedPlaceTests(CatalogueTestCase):
    """acme-drive, whose endpoints are those of acme."""

    provider = "acme-drive"
    url = "https://login.acme.example/eu/token"

    def grant(self) -> Any:
        query = {"response_type": "code", "client_key": self.client_id, "scope": "files", "state": "s"}
        callback = self.callback("https://login.acme.example/eu/authorize", query)
        answer = self.post(grant_type="authorization_code", code=callback["acme_code"])
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def post(self, **parameters: str) -> Answer:
        credentials = {"client_key": self.client_id, "client_secret": self.secret}
        body, headers = form(credentials | parameters)
        return self.server.send("POST", self.url, body, headers)

    def test_the_client_tells_whose_request_it_is(self) -> None:
        tokens = self.grant()
        self.assertTrue(tokens["access_token"].startswith("acme-drive-"))
        self.assertAlmostEqual(tokens["expires_at"], time() + 600, delta=5)
        for _ in range(2):
            reply = self.post(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json
            self.assertNotIn("refresh_token", reply)
            self.assertTrue(self.check(reply["access_token"])["current"])
        self.assert_no_problem()

    def test_without_a_client_that_is_known_it_is_a_problem_of_both(self) -> None:
        body, headers = form({"grant_type": "refresh_token", "refresh_token": "x"})
        answer = self.server.send("POST", self.url, body, headers)
        self.assertEqual((answer.status, answer.json["error"]), (401, "invalid_client"))
        for provider in ("acme", "acme-drive"):
            problems = self.server.control("DELETE", f"providers/{provider}/problems")
            self.assertEqual(problems, ["POST /eu/token: a client of no provider here"])

    def test_a_client_cannot_be_of_both(self) -> None:
        answer = self.server.ask("POST", "clients", {"provider": "acme", "client_id": self.client_id})
        self.assertEqual(answer.status, 400)
        self.assertIn("shares endpoints", answer.json["error"])

    def test_parameters_of_another_name_are_the_only_ones(self) -> None:
        token = self.grant()["refresh_token"]
        self.post(grant_type="refresh_token", refresh_token=token, client_key="")
        self.assert_problems("refresh: client_key is missing")
        self.post(grant_type="refresh_token", refresh_token=token, client_secret="")
        self.assert_problems("refresh: client_secret is missing")
        answer = self.post(grant_type="refresh_token", refresh_token=token, client_secret="wrong")
        self.assertEqual((answer.status, answer.json), (401, {"error": "invalid_client"}))
        self.assert_problems(f"refresh: the secret of the client '{self.client_id}' is wrong")
        body, headers = form({"grant_type": "refresh_token", "refresh_token": token})
        self.server.send("POST", self.url, body, headers | basic(self.client_id, self.secret))
        self.assert_problems(
            "refresh: there is an Authorization header, and the client authenticates by post",
            "refresh: client_key is missing",
            "refresh: client_secret is missing",
        )

    def test_what_is_forbidden_is_refused(self) -> None:
        query = {"response_type": "code", "client_key": self.client_id, "scope": "files", "state": "s"}
        url = "https://login.acme.example/eu/authorize"
        answer = self.approve(url, query | {"code_challenge": self.challenge, "code_challenge_method": "S256"})
        self.assertIn("code_challenge must not be there", answer["problem"])
        callback = self.callback(url, query)
        self.assert_problems(
            "authorize: code_challenge must not be there", "authorize: code_challenge_method must not be there"
        )
        self.post(grant_type="authorization_code", code=callback["acme_code"], code_verifier=self.verifier)
        self.assert_problems("exchange: code_verifier must not be there")


class JSONTests(CatalogueTestCase):
    """globe: JSON bodies, errors with status 200, rotation that spares the old token."""

    provider = "globe"

    def post(self, url: str, value: Any, **headers: str) -> Answer:
        body = value if isinstance(value, str) else json.dumps(value)
        its = {"Content-Type": "application/json"} | basic(self.client_id, self.secret)
        return self.server.send("POST", url, body, its | headers)

    def code(self) -> str:
        query = {"client_id": self.client_id, "user_scope": "a,b", "redirect_uri": self.redirect_uri, "state": "s"}
        return self.callback("https://globe.example/authorize", query | {"version": "2"})["code"]

    def exchange(self, **members: Any) -> Answer:
        good: dict[str, Any] = {"grant_type": "authorization_code", "code": self.code(), "permanent": True}
        good["level"] = 3
        return self.post("https://api.globe.example/token?version=2", good | members)

    def refresh(self, token: str) -> Answer:
        value = {"grant_type": "refresh_token", "refresh_token": token}
        return self.post("https://api.globe.example/refresh", value)

    def test_a_flow_has_no_problem(self) -> None:
        answer = self.exchange()
        self.assertEqual((answer.status, answer.headers["X-Globe"]), (201, "1"))
        user = answer.json["user"]
        expires = datetime.strptime(user["expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
        self.assertAlmostEqual(expires, time() + 3600, delta=5)
        self.assertAlmostEqual(user["ms"], (time() + 3600) * 1000, delta=5000)
        second = self.refresh(user["refresh_token"]).json
        self.assertNotEqual(second["refresh_token"], user["refresh_token"])
        self.assertTrue(self.refresh(user["refresh_token"]).json["ok"])
        self.assertTrue(self.refresh(second["refresh_token"]).json["ok"])
        self.assert_no_problem()

    def test_values_have_types(self) -> None:
        for members, problem in (
            ({"permanent": 1}, "permanent is 1, not True"),
            ({"permanent": False}, "permanent is False, not True"),
            ({"level": 4}, "level is 4, not 3"),
            ({"level": [3]}, "level is [3], not 3"),
            ({"code": 7}, "code is 7, not '$code'"),
        ):
            with self.subTest(members):
                self.exchange(**members)
                self.assert_problems(f"exchange: {problem}")
        self.assertEqual(self.exchange(permanent="true", level="3").status, 201)

    def test_a_refusal_has_the_shape_of_the_other_errors(self) -> None:
        answer = self.exchange(level=4)
        expected = {"ok": False, "error": "invalid_request", "error_description": "level is 4, not 3"}
        self.assertEqual((answer.status, answer.json), (200, expected))

    def test_a_wrong_secret_gets_the_name_listed_there_or_at_no_other_place(self) -> None:
        wrong = basic(self.client_id, "wrong")
        url = "https://api.globe.example/refresh"
        value: dict[str, Any] = {"grant_type": "refresh_token", "refresh_token": "x", "permanent": True, "level": 3}
        self.assertEqual(self.post(url, value, **wrong).json, {"ok": False, "error": "bad_client"})
        value |= {"grant_type": "authorization_code", "code": "x"}
        answer = self.post("https://api.globe.example/token?version=2", value, **wrong)
        self.assertEqual((answer.status, answer.json["error"]), (401, "invalid_client"))

    def test_bodies_that_are_no_objects_are_problems(self) -> None:
        url = "https://api.globe.example/refresh"
        missing = ["refresh: grant_type is missing", "refresh: refresh_token is missing"]
        self.post(url, [])
        self.assert_problems("refresh: the body is malformed: it is no JSON object", *missing)
        self.post(url, '{"grant_type": "refresh_token", "grant_type": "refresh_token", "refresh_token": "x"}')
        self.assert_problems("refresh: grant_type comes 2 times")
        self.post(url, "grant_type=refresh_token", **form({})[1])
        self.assert_problems("refresh: the body is form, not json", *missing)

    def test_the_query_of_an_endpoint_belongs_to_it(self) -> None:
        self.post("https://api.globe.example/token", {"grant_type": "authorization_code"})
        self.assertIn("exchange: the query has nothing, not version", self.report["problems"])
        query = {"client_id": self.client_id, "user_scope": "a,b", "redirect_uri": self.redirect_uri, "state": "s"}
        answer = self.approve("https://globe.example/authorize", query)
        self.assertEqual(answer, {"problem": "the query lacks version=2"})


class UpgradeTests(CatalogueTestCase):
    """postcard: a short token is exchanged for a long one, and that for the next."""

    provider = "postcard"

    def get(self, path: str, **parameters: str) -> Answer:
        query = urlencode({name: value for name, value in parameters.items() if value})
        return self.server.send("GET", f"https://graph.postcard.example/{path}?{query}")

    def short(self) -> str:
        query = {"client_id": self.client_id, "redirect_uri": self.redirect_uri, "scope": "basic", "state": "s"}
        code = self.callback("https://postcard.example/authorize", query)["code"]
        parameters = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        body, headers = form(parameters | {"client_id": self.client_id, "client_secret": self.secret})
        answer = self.server.send("POST", "https://api.postcard.example/access_token", body, headers)
        return str(answer.json["access_token"])

    def upgrade(self, token: str, **parameters: str) -> Answer:
        good = {"grant_type": "exchange_token", "access_token": token, "client_secret": self.secret}
        return self.get("access_token", **(good | parameters))

    def refresh(self, token: str, **parameters: str) -> Answer:
        return self.get("refresh", **({"grant_type": "refresh_token", "access_token": token} | parameters))

    def test_a_flow_has_no_problem(self) -> None:
        short = self.short()
        long = self.upgrade(short).json["access_token"]
        longer = self.refresh(long).json["access_token"]
        self.assertEqual(
            [self.check(token)["current"] for token in (short, long, longer)],
            [False, False, True],
        )
        self.assertEqual(self.check(longer)["issued"], 3)
        report = self.report
        self.assertEqual((report["exchanges"], report["upgrades"], report["refreshes"]), (1, 1, 1))
        self.assert_no_problem()

    def test_only_the_current_token_goes_on(self) -> None:
        short = self.short()
        self.upgrade(short)
        answer = self.upgrade(short)
        self.assertEqual((answer.status, answer.json["error"]), (400, "invalid_request"))
        self.assert_problems("upgrade: access_token is not the current access token")
        self.assertEqual(self.refresh(short).status, 400)
        self.assert_problems("refresh: access_token is not the current access token")

    def test_a_dead_grant_is_not_upgraded(self) -> None:
        short = self.short()
        self.order(0)
        self.assertEqual(self.refresh(short).json, {"error": {"code": 190}})
        self.assertEqual(self.refresh(short).json, {"error": {"code": 190}})
        self.assert_no_problem()
        self.assertEqual(self.upgrade(short).status, 400)
        self.assert_problems("upgrade: access_token is of a grant that has ended")

    def test_an_error_at_the_upgrade_spares_the_token(self) -> None:
        short = self.short()
        self.order(3)
        self.assertEqual(self.upgrade(short).json, {"error": {"code": 100}})
        self.assertEqual(self.upgrade(short).status, 200)

    def test_the_secret_alone_may_show_the_client(self) -> None:
        short = self.short()
        self.upgrade(short, client_secret="")
        self.assert_problems("upgrade: client_secret is missing")
        answer = self.upgrade(short, client_secret="wrong")
        self.assertEqual(answer.json["error"], "invalid_client")
        self.assert_problems("upgrade: no client has that secret")
        self.upgrade(short, client_id=self.client_id)
        self.assert_problems("upgrade: client_id must not be there")

    def test_nothing_may_show_the_client_where_none_is_asked_for(self) -> None:
        token = self.upgrade(self.short()).json["access_token"]
        self.refresh(token, client_secret=self.secret)
        self.assert_problems("refresh: client_secret is there, and the client authenticates by nothing")
        # An id says nothing secret, and most servers ignore parameters that they do not know.
        self.assertEqual(self.refresh(token, client_id=self.client_id).status, 200)
        self.assert_no_problem()

    def test_a_query_is_no_place_for_a_body(self) -> None:
        body, headers = form({"grant_type": "refresh_token", "access_token": self.short()})
        self.server.send("GET", "https://graph.postcard.example/refresh", body, headers)
        self.assert_problems(
            "refresh: there is a body (form), and all belongs in the query",
            "refresh: grant_type is missing",
            "refresh: access_token is missing",
        )


class SecretAsUserTests(CatalogueTestCase):
    """till: the secret is the user of HTTP Basic, the URL names no client, and replies are forms."""

    provider = "till"

    def code(self) -> str:
        query = {"application": "app-1", "state": "s", "redirect_uri": "Till-Back-1"}
        return self.callback("https://till.example/authorize", query, client_id=self.client_id)["code"]

    def post(self, parameters: dict[str, str], authorization: dict[str, str]) -> Answer:
        body, headers = form(parameters)
        return self.server.send("POST", "https://till.example/token", body, headers | authorization)

    def tokens(self) -> dict[str, str]:
        parameters = {"grant_type": "authorization_code", "code": self.code()}
        return self.post(parameters, raw_basic(f"{self.secret}:")).form

    def refresh(self, token: str, authorization: dict[str, str]) -> Answer:
        return self.post({"grant_type": "refresh_token", "refresh_token": token}, authorization)

    def test_a_flow_has_no_problem(self) -> None:
        tokens = self.tokens()
        self.assertAlmostEqual(int(tokens["expires_at"]), time() + 60, delta=5)
        self.assertEqual(tokens["live"], "true")
        refreshed = self.refresh(tokens["refresh_token"], basic(self.secret, "")).form
        self.assertEqual(refreshed["access_token"], tokens["access_token"])
        self.assertEqual(refreshed["refresh_token"], tokens["refresh_token"])
        url = f"https://till.example/revoke?{urlencode({'token': tokens['access_token']})}"
        self.assertEqual(self.server.send("POST", url).body, b"bye")
        self.assertEqual(self.report["live_grants"], 0)
        self.assert_no_problem()

    def test_what_is_wrong_with_the_secret_is_named(self) -> None:
        token = self.tokens()["refresh_token"]
        self.refresh(token, raw_basic(f"{self.secret}:x"))
        self.assert_problems("refresh: the password is not empty, and the client authenticates by its secret as user")
        answer = self.refresh(token, raw_basic("wrong:"))
        self.assertEqual((answer.status, answer.form), (401, {"error": "invalid_client"}))
        self.assert_problems("refresh: no client has that secret")
        self.refresh(token, {})
        self.assert_problems(
            "refresh: there is no Authorization header, and the client authenticates by its secret as user"
        )

    def test_a_name_may_stand_for_the_registered_uri(self) -> None:
        query = {"application": "app-1", "state": "s", "redirect_uri": "Till-Back-1"}
        answer = self.approve("https://till.example/authorize", query, client_id=self.client_id)
        self.assertTrue(answer["location"].startswith(f"{self.redirect_uri}?code="), answer)

    def test_whose_url_it_is_must_be_said_where_it_names_no_client(self) -> None:
        self.server.control("POST", "clients", {"provider": "till"})
        answer = self.approve(
            "https://till.example/authorize", {"application": "app-1", "state": "s", "redirect_uri": "Till-Back-1"}
        )
        self.assertEqual(answer, {"problem": "the url names no client, and it was not said whose it is"})


class PublicTests(CatalogueTestCase):
    """pocket: clients without a secret."""

    provider = "pocket"

    def exchange(self, **parameters: str) -> Answer:
        query = {"client_id": self.client_id, "code_challenge": self.challenge, "code_challenge_method": "S256"}
        code = self.callback("https://pocket.example/authorize", query | {"state": "s"})["code"]
        good = {"code": code, "client_id": self.client_id, "code_verifier": self.verifier}
        body, headers = form(good | {name: value for name, value in parameters.items() if name != "authorization"})
        if "authorization" in parameters:
            headers["Authorization"] = parameters["authorization"]
        return self.server.send("POST", "https://pocket.example/token", body, headers)

    def test_a_flow_has_no_problem(self) -> None:
        self.assertIsNone(self.client["client_secret"])
        self.assertEqual(self.exchange().json.keys(), {"access_token"})
        self.assert_no_problem()

    def test_a_client_shows_its_id_and_nothing_else(self) -> None:
        by_nothing = "and the client authenticates by nothing"
        self.exchange(client_id="")
        self.assert_problems("exchange: client_id is missing")
        self.assertEqual(self.exchange(client_id="nobody").status, 401)
        self.assert_problems("exchange: there is no client 'nobody'")
        self.exchange(client_secret="s")
        self.assert_problems(f"exchange: client_secret is there, {by_nothing}")
        credentials = base64.b64encode(b"a:b").decode()
        self.exchange(authorization=f"Basic {credentials}")
        self.assert_problems(f"exchange: there is an Authorization header, {by_nothing}")

    def test_a_public_client_gets_no_secret(self) -> None:
        answer = self.server.ask("POST", "clients", {"provider": "pocket", "client_secret": "s"})
        self.assertEqual(answer.status, 400)


class ReacquireTests(CatalogueTestCase):
    """robot: the client's own credentials bring every token."""

    provider = "robot"

    def acquire(self, **parameters: str) -> Answer:
        body, headers = form({"grant_type": "client_credentials", "scope": "move"} | parameters)
        credentials = basic(self.client_id, self.secret)
        return self.server.send("POST", "https://robot.example/token", body, headers | credentials)

    def test_every_request_brings_a_token(self) -> None:
        first, second = self.acquire().json["access_token"], self.acquire().json["access_token"]
        self.assertEqual([self.check(token)["current"] for token in (first, second)], [False, True])
        self.assertEqual((self.report["refreshes"], self.report["live_grants"]), (2, 1))
        self.assert_no_problem()

    def test_a_misfit_is_named(self) -> None:
        self.assertEqual(self.acquire(scope="fly").json["error"], "invalid_request")
        self.assert_problems("refresh: scope is 'fly', not 'move'")

    def test_there_is_nothing_to_authorize(self) -> None:
        answer = self.approve("https://robot.example/authorize", {})
        self.assertEqual(answer, {"problem": "there is nothing to authorize at this provider"})

    def test_a_dead_client_lives_again_when_it_is_registered_again(self) -> None:
        self.order(2)
        for _ in range(2):
            self.assertEqual(self.acquire().json, {"error": "invalid_grant"})
        self.server.control("POST", "clients", self.client)
        self.assertEqual(self.acquire().status, 200)
        self.assert_no_problem()
