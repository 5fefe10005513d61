"""The whole flow at a strict provider: consent, exchange, refresh with rotation, revocation."""

import re
from typing import Any
from urllib.parse import urlencode

from catalogue.tests.harness import CatalogueTestCase, form
from serving.asking import Answer, basic, raw_basic

AUTHORIZE = "https://login.acme.example/eu/authorize"
TOKEN = "https://login.acme.example/eu/token"
REVOKE = "https://login.acme.example/eu/revoke"


class AcmeTestCase(CatalogueTestCase):
    """A client of acme."""

    provider = "acme"

    @property
    def query(self) -> dict[str, str]:
        """A good authorization request."""
        return {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "read write",
            "state": "a state & more",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            "access_type": "offline",
        }

    def code(self) -> str:
        """A fresh code."""
        return self.callback(AUTHORIZE, self.query)["code"]

    def post(self, url: str, parameters: dict[str, str], **headers: str) -> Answer:
        """A form with the client's credentials, unless `headers` has others."""
        body, its = form(parameters)
        return self.server.send("POST", url, body, its | basic(self.client_id, self.secret) | headers)

    def exchange(self, **parameters: str) -> Answer:
        """A good exchange, but for `parameters`."""
        good = {
            "grant_type": "authorization_code",
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }
        return self.post(TOKEN, good | ({} if "code" in parameters else {"code": self.code()}) | parameters)

    def refresh(self, token: str, **parameters: str) -> Answer:
        """A good refresh, but for `parameters`."""
        good = {"grant_type": "refresh_token", "refresh_token": token, "redirect_uri": self.redirect_uri}
        return self.post(TOKEN, good | parameters)

    def tokens(self) -> Any:
        """The tokens of a fresh grant."""
        answer = self.exchange()
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def assert_refused(self, answer: Answer, *problems: str) -> None:
        """The request was no good, for exactly these reasons."""
        self.assertEqual((answer.status, answer.json["error"]), (400, "invalid_request"), answer.body)
        self.assert_problems(*problems)


class GoodTests(AcmeTestCase):
    def test_a_flow_has_no_problem(self) -> None:
        callback = self.callback(AUTHORIZE, self.query)
        self.assertEqual(callback.keys(), {"code", "state", "iss", "realm"})
        self.assertEqual((callback["state"], callback["realm"]), ("a state & more", "r-17"))
        first = self.exchange(code=callback["code"])
        self.assertEqual((first.status, first.headers["Content-Type"]), (200, "application/json"))
        self.assertEqual(first.headers["Cache-Control"], "no-store")
        self.assertEqual((first.json["expires_in"], first.json["account"]), (3600, {"id": "A1"}))
        second = self.refresh(first.json["refresh_token"]).json
        third = self.refresh(second["refresh_token"]).json
        self.assertEqual(len({first.json["refresh_token"], second["refresh_token"], third["refresh_token"]}), 3)
        self.assertEqual(
            self.check(second["access_token"]), {"known": True, "current": False, "alive": True, "issued": 3}
        )
        self.assertTrue(self.check(third["access_token"])["current"])
        self.assertEqual(self.post(REVOKE, {"token": third["refresh_token"]}).status, 204)
        self.assertFalse(self.check(third["access_token"])["alive"])
        # A client may go on to revoke the access token.
        self.assertEqual(self.post(REVOKE, {"token": third["access_token"]}).status, 204)
        report = self.report
        self.assertEqual(report.pop("problems"), [])
        self.assertEqual(
            {name: count for name, count in report.items() if count},
            {
                "provider": "acme",
                "authorizations": 1,
                "exchanges": 1,
                "refreshes": 2,
                "revocations": 2,
                "tokens_issued": 3,
            },
        )

    def test_the_tokens_of_a_client_are_listed(self) -> None:
        tokens = self.tokens()
        (grant,) = self.server.control("GET", f"tokens?provider=acme&client_id={self.client_id}")
        self.assertRegex(grant.pop("grant"), "^acme-grant-")
        expected = {"client_id": self.client_id, "alive": True, "issued": 1}
        self.assertEqual(grant, expected | {name: tokens[name] for name in ("access_token", "refresh_token")})

    def test_a_browser_may_visit_the_page(self) -> None:
        answer = self.server.send("GET", f"{AUTHORIZE}?{urlencode(self.query)}")
        self.assertEqual(answer.status, 302)
        self.assertTrue(answer.headers["Location"].startswith(f"{self.redirect_uri}?code=acme-code-"))
        answer = self.server.send("GET", f"{AUTHORIZE}?{urlencode(self.query | {'scope': 'read'})}")
        self.assertEqual((answer.status, answer.body), (400, b"scope is 'read', not 'read write'\n"))

    def test_a_redirect_uri_keeps_its_query(self) -> None:
        uri = "https://app.example.com/back?tenant=7"
        registered = {"provider": "acme", "client_id": "c-1", "client_secret": "s", "redirect_uris": [uri]}
        self.client = self.server.control("POST", "clients", registered)
        self.assertEqual(self.client, registered)
        self.redirect_uri = uri
        location = self.approve(AUTHORIZE, self.query)["location"]
        self.assertTrue(location.startswith(f"{uri}&code="), location)


class AuthorizeTests(AcmeTestCase):
    def problem(self, url: str = AUTHORIZE, **parameters: str) -> str:
        answer = self.approve(url, self.query | parameters)
        self.assertEqual(answer.keys(), {"problem"})
        kept = self.server.control("DELETE", "providers/acme/problems")
        self.assertEqual("; ".join(text.removeprefix("authorize: ") for text in kept), answer["problem"])
        return str(answer["problem"])

    def test_each_misfit_is_named(self) -> None:
        short = "code_challenge is no SHA-256 in base64url"
        for parameters, problem in (
            ({"response_type": "token"}, "response_type is 'token', not 'code'"),
            ({"access_type": ""}, "access_type is missing"),
            ({"scope": "read  write"}, "scope is 'read  write', not 'read write'"),
            ({"state": ""}, "state is missing"),
            ({"prompt": "consent"}, "prompt must not be there"),
            ({"client_id": ""}, "client_id is missing"),
            ({"client_id": "nobody"}, "client_id is 'nobody', and there is no such client"),
            ({"redirect_uri": "http://other"}, "redirect_uri is 'http://other', which is not registered"),
            ({"code_challenge": "short"}, short),
            ({"code_challenge_method": "plain"}, "code_challenge_method is 'plain', not 'S256'"),
            ({"scope": "x", "prompt": "y"}, "prompt must not be there; scope is 'x', not 'read write'"),
        ):
            with self.subTest(parameters):
                self.assertIn(problem, self.problem(**parameters))

    def test_the_url_must_be_the_one(self) -> None:
        other = AUTHORIZE.replace("/eu/", "/us/")
        self.assertEqual(self.problem(other), f"the url is {other}, not {AUTHORIZE}")
        self.assertIn("is no https URL", self.problem("http://login.acme.example/eu/authorize"))

    def test_a_parameter_may_come_once(self) -> None:
        url = f"{AUTHORIZE}?{urlencode(self.query)}&state=b"
        answer = self.server.control("POST", "approve", {"provider": "acme", "url": url})
        self.assertEqual(answer, {"problem": "state comes 2 times"})

    def test_a_malformed_query_is_a_problem(self) -> None:
        answer = self.server.control("POST", "approve", {"provider": "acme", "url": f"{AUTHORIZE}?state=%zz"})
        self.assertIn("a % that begins no escape", answer["problem"])


class ExchangeTests(AcmeTestCase):
    def test_each_misfit_is_named(self) -> None:
        for parameters, problem in (
            ({"grant_type": "code"}, "grant_type is 'code', not 'authorization_code'"),
            ({"redirect_uri": ""}, "redirect_uri is missing"),
            ({"code_verifier": ""}, "code_verifier is missing"),
            ({"code_verifier": "short"}, "code_verifier is malformed"),
            ({"code_verifier": "v" * 43}, "code_verifier does not fit code_challenge"),
            ({"scope": "read"}, "scope must not be there"),
            ({"code": "made-up"}, "code is no code that was given"),
        ):
            with self.subTest(parameters):
                self.assert_refused(self.exchange(**parameters), f"exchange: {problem}")

    def test_the_redirect_uri_must_be_that_of_the_authorization(self) -> None:
        answer = self.exchange(redirect_uri=f"{self.redirect_uri}/")
        was = f"'{self.redirect_uri}/', and was '{self.redirect_uri}' at first"
        self.assert_refused(answer, f"exchange: redirect_uri is {was}")

    def test_a_code_works_once_and_takes_its_grant_along(self) -> None:
        code = self.code()
        tokens = self.exchange(code=code).json
        self.assert_refused(self.exchange(code=code), "exchange: code was used before")
        self.assertFalse(self.check(tokens["access_token"])["alive"])

    def test_a_code_is_for_its_client(self) -> None:
        code, first = self.code(), self.client_id
        self.client = self.server.control("POST", "clients", {"provider": "acme"})
        self.assert_refused(self.exchange(code=code), f"exchange: code was given to the client '{first}'")

    def test_method_body_query_and_headers_are_checked(self) -> None:
        good = {
            "grant_type": "authorization_code",
            "code": self.code(),
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }
        body, headers = form(good)
        headers = headers | basic(self.client_id, self.secret)
        missing = [f"exchange: {name} is missing" for name in good]
        send = self.server.send
        self.assert_refused(
            send("POST", f"{TOKEN}?{body}", None, headers),
            "exchange: the body is missing, not form",
            f"exchange: the query has {', '.join(good)}, not nothing",
            *missing,
        )
        json_type = headers | {"Content-Type": "application/json"}
        self.assert_refused(
            send("POST", TOKEN, '{"grant_type": "authorization_code", "code": "x"}', json_type),
            "exchange: the body is json, not form",
            *missing,
        )
        self.assert_refused(send("PUT", TOKEN, body, headers), "exchange: the method is PUT, not POST")
        self.assert_refused(send("POST", f"{TOKEN}?a=b", body, headers), "exchange: the query has a, not nothing")
        self.assert_refused(send("POST", TOKEN, f"{body}&code=2", headers), "exchange: code comes 2 times")
        self.assert_refused(
            send("POST", TOKEN, body, headers | {"Accept": "*/*"}),
            "exchange: the header Accept is '*/*', not 'application/json'",
        )
        self.assert_refused(
            send("POST", TOKEN, body, headers | {"User-Agent": ""}), "exchange: the header User-Agent is empty"
        )
        # None of it cost the code.
        self.assertEqual(send("POST", TOKEN, body, headers).status, 200)

    def test_a_malformed_body_is_a_problem(self) -> None:
        headers = form({})[1] | basic(self.client_id, self.secret)
        self.server.send("POST", TOKEN, "grant_type=authorization_code&code=%", headers)
        self.assertIn("exchange: the body is malformed: a % that begins no escape", self.report["problems"])


class AuthenticationTests(AcmeTestCase):
    def test_a_wrong_secret_is_answered_as_the_provider_does(self) -> None:
        # The one listed at refresh is that of the exchange, which is at the same place.
        answer = self.exchange_with(basic(self.client_id, "wrong"))
        self.assertEqual((answer.status, answer.json), (401, {"error": "unknown_client"}))
        self.assert_problems(f"exchange: the secret of the client '{self.client_id}' is wrong")
        self.assertEqual(self.report["clients_rejected"], 1)

    def test_an_unknown_client_is_answered_so_too(self) -> None:
        # Another provider is at this place, so it takes something known to tell whose request it is.
        answer = self.exchange_with(basic("nobody", self.secret))
        self.assertEqual((answer.status, answer.json), (401, {"error": "unknown_client"}))
        self.assert_problems("exchange: there is no client 'nobody'")

    def test_id_and_secret_are_form_encoded(self) -> None:
        registered = {"provider": "acme", "client_id": "c 2", "client_secret": "a+b%"}
        self.client = self.server.control("POST", "clients", registered)
        self.assertEqual(self.exchange().status, 200)
        self.assert_refused(self.exchange_with(raw_basic("c 2:a+b%")), "exchange: a % that begins no escape")
        self.assertEqual(self.exchange_with(raw_basic("c 2:a+b%25")).status, 401)
        self.assert_problems("exchange: the secret of the client 'c 2' is wrong")

    def test_an_endpoint_that_lists_no_error_says_invalid_client(self) -> None:
        body, headers = form({"token": self.tokens()["refresh_token"]})
        answer = self.server.send("POST", REVOKE, body, headers | basic(self.client_id, "wrong"))
        self.assertEqual((answer.status, answer.json["error"]), (401, "invalid_client"))
        self.assertIn("Basic", answer.headers["WWW-Authenticate"])

    def test_basic_is_the_only_way(self) -> None:
        credentials = {"client_id": self.client_id, "client_secret": self.secret}
        no_header = "exchange: there is no Authorization header, and the client authenticates by basic"
        twice = "exchange: client_secret is there, and the client authenticates by basic"
        self.assert_refused(self.exchange_with({}, **credentials), no_header, twice)
        self.assert_refused(self.exchange(**credentials), twice)
        self.assert_refused(self.exchange(client_id="x"), "exchange: client_id differs from the one in Authorization")
        self.assert_refused(
            self.exchange_with({"Authorization": "Bearer x"}), "exchange: the Authorization scheme is Bearer, not Basic"
        )
        self.assert_refused(
            self.exchange_with({"Authorization": "Basic abc"}),
            "exchange: malformed Basic credentials: Incorrect padding",
        )
        self.assert_refused(
            self.exchange_with(raw_basic("no-colon")), "exchange: malformed Basic credentials: no colon"
        )

    def exchange_with(self, authorization: dict[str, str], **parameters: str) -> Answer:
        good = {
            "grant_type": "authorization_code",
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            "code": self.code(),
        }
        body, headers = form(good | parameters)
        return self.server.send("POST", TOKEN, body, headers | authorization)


class RefreshTests(AcmeTestCase):
    def test_a_spent_refresh_token_ends_the_grant(self) -> None:
        first = self.tokens()
        second = self.refresh(first["refresh_token"]).json
        answer = self.refresh(first["refresh_token"])
        dead = {"error": "invalid_grant", "error_description": "gone"}
        self.assertEqual((answer.status, answer.json), (400, dead))
        self.assert_problems("refresh: refresh_token is not the current refresh token")
        # That the grant is dead is no mistake of who asks.
        self.assertEqual(self.refresh(second["refresh_token"]).json, dead)
        self.assert_no_problem()
        self.assertEqual((self.report["grants_rejected"], self.report["live_grants"]), (2, 0))

    def test_a_token_that_was_never_given_is_a_dead_grant_and_a_problem(self) -> None:
        tokens = self.tokens()
        for token, problem in (
            ("made-up", "refresh_token is no token that was given"),
            (tokens["access_token"], "refresh_token is no refresh token"),
        ):
            self.assertEqual(self.refresh(token).status, 400)
            self.assert_problems(f"refresh: {problem}")
        self.assertEqual(self.refresh(tokens["refresh_token"]).status, 200)

    def test_a_token_is_for_its_client(self) -> None:
        token, first = self.tokens()["refresh_token"], self.client_id
        self.client = self.server.control("POST", "clients", {"provider": "acme"})
        self.assertEqual(self.refresh(token).json["error"], "invalid_grant")
        self.assert_problems(f"refresh: refresh_token was given to the client '{first}'")

    def test_a_misfit_leaves_the_token_as_it_was(self) -> None:
        token = self.tokens()["refresh_token"]
        self.assert_refused(self.refresh(token, redirect_uri=""), "refresh: redirect_uri is missing")
        answer = self.refresh(token, redirect_uri="http://other")
        was = f"'http://other', and was '{self.redirect_uri}' at first"
        self.assert_refused(answer, f"refresh: redirect_uri is {was}")
        self.assertEqual(self.refresh(token).status, 200)

    def test_what_a_request_is_meant_as_is_told_by_all_of_it(self) -> None:
        token = self.tokens()["refresh_token"]
        self.assert_refused(self.refresh(token, grant_type=""), "refresh: grant_type is missing")


class RevocationTests(AcmeTestCase):
    def test_the_token_must_be_the_right_one(self) -> None:
        tokens = self.tokens()
        for token, problem in (
            ("made-up", "token is no token that was given"),
            (tokens["access_token"], "token is no refresh token"),
        ):
            self.assert_refused(self.post(REVOKE, {"token": token}), f"revoke: {problem}")
        self.assertEqual(self.report["live_grants"], 1)

    def test_a_revoked_grant_is_dead(self) -> None:
        tokens = self.tokens()
        self.post(REVOKE, {"token": tokens["refresh_token"]})
        self.assertEqual(self.refresh(tokens["refresh_token"]).json["error"], "invalid_grant")
        self.assert_no_problem()


class OrderedErrorTests(AcmeTestCase):
    def test_an_error_that_passes_harms_nothing(self) -> None:
        token = self.tokens()["refresh_token"]
        self.assertEqual(self.order(2, times=2)["means"], "transient")
        for _ in range(2):
            answer = self.refresh(token)
            self.assertEqual((answer.status, answer.headers["Retry-After"], answer.json), (429, "30", {}))
        self.assertEqual(self.refresh(token).status, 200)
        self.assert_no_problem()
        self.assertEqual(self.report["errors"], 2)

    def test_a_dead_grant_goes_on_saying_how_it_died(self) -> None:
        token, other = self.tokens()["refresh_token"], self.tokens()["refresh_token"]
        self.order(4)
        for _ in range(2):
            answer = self.refresh(token)
            self.assertEqual((answer.status, answer.body), (403, b"account closed"))
        self.assertEqual(self.refresh(other).status, 200)
        self.assertEqual(self.report["live_grants"], 1)
        self.assert_no_problem()

    def test_an_error_at_the_exchange_spares_the_code(self) -> None:
        code = self.code()
        self.order(3)
        self.order(5)
        self.assertEqual(self.exchange(code=code).json, {"error": "invalid_grant"})
        answer = self.exchange(code=code)
        self.assertEqual((answer.status, answer.body), (503, b""))
        self.assertEqual(self.exchange(code=code).status, 200)

    def test_an_error_waits_for_its_client_its_endpoint_and_a_good_request(self) -> None:
        self.order(2)
        first = self.client
        self.client = self.server.control("POST", "clients", {"provider": "acme"})
        self.assertEqual(self.refresh(self.tokens()["refresh_token"]).status, 200)
        self.client = first
        token = self.tokens()["refresh_token"]
        self.assertEqual(self.refresh(token, redirect_uri="").status, 400)
        self.assertEqual(self.refresh(token).status, 429)

    def test_an_error_may_be_for_any_client(self) -> None:
        self.server.control("POST", "errors", {"provider": "acme", "index": 2})
        self.assertEqual(self.refresh(self.tokens()["refresh_token"]).status, 429)


class DiscoveryTests(AcmeTestCase):
    def test_both_forms_of_the_issuer_are_answered_and_counted(self) -> None:
        before = self.server.control("GET", "providers/acme")["discoveries"]
        for path in ("/.well-known/oauth-authorization-server/eu", "/eu/.well-known/openid-configuration"):
            answer = self.server.send("GET", f"https://login.acme.example{path}")
            self.assertEqual(answer.json["issuer"], "https://login.acme.example/eu")
        self.assertEqual(self.server.control("GET", "providers/acme")["discoveries"], before + 2)

    def test_no_other_form_is_there(self) -> None:
        for path in ("/.well-known/openid-configuration", "/eu/.well-known/oauth-authorization-server"):
            self.assertEqual(self.server.send("GET", f"https://login.acme.example{path}").status, 404)
        self.assert_no_problem()


class PlaceholderTests(AcmeTestCase):
    def test_codes_and_tokens_say_whose_they_are(self) -> None:
        tokens = self.tokens()
        for name in ("access", "refresh"):
            self.assertTrue(re.fullmatch(rf"acme-{name}-[\w-]{{32}}", tokens[f"{name}_token"]))
