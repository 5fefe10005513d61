"""A strict server by default: consent, exchange, refresh, revocation, introspection."""

import base64
import hashlib
import hmac
import json

from serving.asking import basic

from provider.tests.harness import ProviderTestCase


class FlowTests(ProviderTestCase):
    def test_a_flow_gives_tokens_that_work(self) -> None:
        callback = self.callback()
        self.assertEqual(callback.keys(), {"code", "state", "iss"})
        self.assertEqual((callback["state"], callback["iss"]), ("a-state", self.info["issuer"]))
        reply = self.exchange(callback["code"])
        self.assertEqual(reply.headers["Cache-Control"], "no-store")
        tokens = reply.json
        self.assertEqual(tokens.keys(), {"access_token", "token_type", "expires_in", "refresh_token", "scope"})
        self.assertEqual((tokens["token_type"], tokens["expires_in"], tokens["scope"]), ("Bearer", 3600, "read write"))
        who = self.whoami(tokens["access_token"]).json
        self.assertEqual((who["user"], who["scope"]), ("alice", "read write"))

    def test_login_hint_says_who_consents(self) -> None:
        self.assertEqual(self.whoami(self.tokens(login_hint="bob")["access_token"]).json["user"], "bob")
        self.assertEqual(self.counters["users"], {"bob": {"authorize": 1, "authorization_code": 1, "whoami": 1}})

    def test_a_bad_client_or_redirect_uri_is_never_redirected(self) -> None:
        for parameters in (
            {"client_id": "nobody"},
            {"redirect_uri": self.redirect_uri + "/"},
            {"redirect_uri": self.redirect_uri.replace("127.0.0.1", "localhost")},
            {"redirect_uri": ""},
        ):
            with self.subTest(parameters):
                answer = self.visit(**parameters)
                self.assertEqual((answer.status, answer.headers["Location"]), (400, None))

    def test_other_bad_authorization_requests_are_redirected_with_an_error(self) -> None:
        for parameters, error in (
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"code_challenge": ""}, "invalid_request"),
            ({"code_challenge": "short"}, "invalid_request"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
            ({"code_challenge_method": ""}, "invalid_request"),
            ({"scope": ""}, "invalid_scope"),
            ({"scope": "read  write"}, "invalid_scope"),
            ({"scope": 'a"b'}, "invalid_scope"),
        ):
            with self.subTest(parameters):
                callback = self.callback(**parameters)
                self.assertEqual((callback["error"], callback["state"]), (error, "a-state"))
                self.assertNotIn("code", callback)

    def test_unknown_scopes_are_refused_once_some_are_known(self) -> None:
        self.set(known_scopes=["read", "write"])
        self.assertIn("code", self.callback())
        self.assertEqual(self.callback(scope="read delete")["error"], "invalid_scope")

    def test_a_parameter_that_comes_twice_is_refused(self) -> None:
        url = f"{self.info['authorization_endpoint']}?{self.authorization_request()}&state=another"
        self.assertEqual(self.provider.send("GET", url).status, 400)
        body = "grant_type=refresh_token&refresh_token=a&refresh_token=a"
        headers = self.client | {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.provider.send("POST", self.info["token_endpoint"], body, headers)
        self.assert_refused(answer, "invalid_request")

    def test_a_code_works_once_and_a_second_use_ends_what_it_gave(self) -> None:
        code = self.callback()["code"]
        tokens = self.exchange(code).json
        self.assert_refused(self.exchange(code), "invalid_grant")
        self.assertEqual(self.whoami(tokens["access_token"]).status, 401)
        self.assert_refused(self.refresh(tokens["refresh_token"]), "invalid_grant")
        self.assertEqual(self.counters["codes_replayed"], 1)

    def test_an_exchange_must_fit_its_authorization_request(self) -> None:
        for parameters, error in (
            ({"code_verifier": ""}, "invalid_grant"),
            ({"code_verifier": "x" * 43}, "invalid_grant"),
            ({"code_verifier": "short"}, "invalid_grant"),
            ({"redirect_uri": ""}, "invalid_grant"),
            ({"redirect_uri": self.redirect_uri + "/"}, "invalid_grant"),
            ({"code": "another"}, "invalid_grant"),
            ({"code": ""}, "invalid_request"),
            ({"grant_type": "password"}, "unsupported_grant_type"),
            ({"grant_type": ""}, "invalid_request"),
        ):
            with self.subTest(parameters):
                self.assert_refused(self.exchange(self.callback()["code"], **parameters), error)

    def test_a_code_expires(self) -> None:
        self.set(code_lifetime=0)
        self.assert_refused(self.exchange(self.callback()["code"]), "invalid_grant")

    def test_a_code_of_one_client_is_no_good_to_another(self) -> None:
        code = self.callback()["code"]
        other = {"client_id": self.info["public_client_id"]}
        good = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri}
        self.assert_refused(self.token({}, **good, **other, code_verifier=self.verifier), "invalid_grant")
        self.assertEqual(self.exchange(code).status, 200)

    def test_a_public_client_needs_no_secret_and_may_send_none(self) -> None:
        public = self.info["public_client_id"]
        good = {"grant_type": "authorization_code", "redirect_uri": self.redirect_uri, "client_id": public}
        good["code_verifier"] = self.verifier
        code = self.callback(client_id=public)["code"]
        tokens = self.token({}, code=code, **good).json
        refreshed = self.token({}, grant_type="refresh_token", refresh_token=tokens["refresh_token"], client_id=public)
        self.assertEqual(refreshed.status, 200)
        code = self.callback(client_id=public)["code"]
        self.assert_refused(self.token({}, code=code, client_secret="x", **good), "invalid_client", 401)

    def test_client_credentials_give_a_token_and_no_refresh_token(self) -> None:
        reply = self.token(grant_type="client_credentials", scope="read").json
        self.assertNotIn("refresh_token", reply)
        self.assertEqual(self.whoami(reply["access_token"]).json["user"], self.info["client_id"])
        answer = self.token({}, grant_type="client_credentials", client_id=self.info["public_client_id"])
        self.assert_refused(answer, "unauthorized_client")

    def test_an_access_token_is_exchanged_for_another_while_it_lives(self) -> None:
        first = self.tokens()["access_token"]
        second = self.token(grant_type="exchange_access_token", access_token=first).json
        self.assertNotIn("refresh_token", second)
        self.assertNotEqual(second["access_token"], first)
        self.provider.control("POST", "grants/expire", {})
        for token in (first, second["access_token"], "unknown"):
            answer = self.token(grant_type="exchange_access_token", access_token=token)
            self.assert_refused(answer, "invalid_grant")
        self.assert_refused(self.token(grant_type="exchange_access_token"), "invalid_request")

    def test_openid_gives_an_id_token_with_the_nonce(self) -> None:
        tokens = self.tokens(scope="openid read", nonce="n-1")
        self.assertEqual(self.provider.control("GET", "grants")[0]["id_tokens"], [tokens["id_token"]])
        head, claims, signature = tokens["id_token"].split(".")
        key = self.info["client_secret"].encode()
        expected = hmac.new(key, f"{head}.{claims}".encode(), hashlib.sha256).digest()
        self.assertEqual(base64.urlsafe_b64decode(signature + "="), expected)
        decoded = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        self.assertEqual((decoded["nonce"], decoded["sub"]), ("n-1", "alice"))
        self.assertEqual((decoded["iss"], decoded["aud"]), (self.info["issuer"], self.info["client_id"]))

    def test_metadata_names_the_endpoints(self) -> None:
        for name in ("oauth-authorization-server", "openid-configuration"):
            document = self.provider.send("GET", f"{self.info['issuer']}/.well-known/{name}").json
            self.assertEqual(document["issuer"], self.info["issuer"])
            self.assertEqual(document["token_endpoint"], self.info["token_endpoint"])
            self.assertEqual(document["code_challenge_methods_supported"], ["S256"])
            self.assertTrue(document["authorization_response_iss_parameter_supported"])


class ClientAuthenticationTests(ProviderTestCase):
    hostile = "we:ird %+&=ü☃/~"
    arguments = ("--http", "--client-id", hostile, "--client-secret", hostile + "1", "--client-secret", hostile + "2")

    def credentials(self, headers: dict[str, str], **parameters: str) -> str:
        """What a request with these credentials comes to; the grant itself is unknown."""
        answer = self.token(headers, grant_type="refresh_token", refresh_token="unknown", **parameters)
        return str(answer.json["error"])

    def test_ids_and_secrets_may_have_any_characters(self) -> None:
        self.assertEqual(self.credentials(self.client), "invalid_grant")
        post = {"client_id": self.hostile, "client_secret": self.hostile + "1"}
        self.assertEqual(self.credentials({}, **post), "invalid_grant")

    def test_every_secret_of_a_client_is_good(self) -> None:
        self.assertEqual(self.credentials(basic(self.hostile, self.hostile + "2")), "invalid_grant")
        self.assertEqual(self.credentials(basic(self.hostile, self.hostile + "3")), "invalid_client")

    def test_exactly_one_method_is_used(self) -> None:
        self.assertEqual(self.credentials(self.client, client_secret=self.hostile + "1"), "invalid_request")
        self.assertEqual(self.credentials(self.client, client_id="another"), "invalid_request")
        self.assertEqual(self.credentials(self.client, client_id=self.hostile), "invalid_grant")
        self.assertEqual(self.credentials({}), "invalid_client")
        self.assertEqual(self.credentials({}, client_id=self.hostile), "invalid_client")

    def test_a_method_can_be_demanded(self) -> None:
        post = {"client_id": self.hostile, "client_secret": self.hostile + "1"}
        self.set(client_authentication="client_secret_post")
        self.assertEqual(self.credentials(self.client), "invalid_client")
        self.assertEqual(self.credentials({}, **post), "invalid_grant")
        self.set(client_authentication="client_secret_basic")
        self.assertEqual(self.credentials({}, **post), "invalid_client")

    def test_basic_credentials_that_are_not_form_urlencoded_are_refused(self) -> None:
        raw = base64.b64encode(f"{self.hostile}:{self.hostile}1".encode()).decode()
        for value in (f"Basic {raw}", "Basic ###", f"Basic {base64.b64encode(b'nocolon').decode()}", "Bearer x"):
            with self.subTest(value):
                self.assertEqual(self.credentials({"Authorization": value}), "invalid_client")

    def test_credentials_do_not_belong_in_the_uri(self) -> None:
        url = f"{self.info['token_endpoint']}?grant_type=client_credentials"
        self.assert_refused(self.provider.post(url, {}, self.client), "invalid_request")
        url = f"{self.info['token_endpoint']}?tenant=one"
        answer = self.provider.post(url, {"grant_type": "client_credentials"}, self.client)
        self.assertEqual(answer.status, 200)

    def test_a_token_request_is_a_post_of_a_form(self) -> None:
        self.assertEqual(self.provider.send("GET", self.info["token_endpoint"]).status, 405)
        answer = self.provider.send("POST", self.info["token_endpoint"], "{}", {"Content-Type": "application/json"})
        self.assert_refused(answer, "invalid_request")

    def test_a_json_body_can_be_demanded(self) -> None:
        self.set(request_body="json")
        body = json.dumps({"grant_type": "client_credentials"})
        headers = self.client | {"Content-Type": "application/json"}
        self.assertEqual(self.provider.send("POST", self.info["token_endpoint"], body, headers).status, 200)
        twice = '{"grant_type": "client_credentials", "grant_type": "client_credentials"}'
        self.assert_refused(self.provider.send("POST", self.info["token_endpoint"], twice, headers), "invalid_request")
        self.assert_refused(self.token(grant_type="client_credentials"), "invalid_request")


class EndingTests(ProviderTestCase):
    def revoke(self, token: str) -> int:
        return self.provider.post(self.info["revocation_endpoint"], {"token": token}, self.client).status

    def introspect(self, token: str) -> dict[str, object]:
        answer = self.provider.post(self.info["introspection_endpoint"], {"token": token}, self.client)
        self.assertEqual(answer.status, 200)
        facts: dict[str, object] = answer.json
        return facts

    def test_introspection_says_whether_a_token_is_active(self) -> None:
        tokens = self.tokens()
        facts = self.introspect(tokens["access_token"])
        self.assertEqual((facts["active"], facts["username"], facts["scope"]), (True, "alice", "read write"))
        self.assertTrue(self.introspect(tokens["refresh_token"])["active"])
        self.assertEqual(self.introspect("unknown"), {"active": False})
        self.provider.control("POST", "grants/expire", {"user": "alice"})
        self.assertEqual(self.introspect(tokens["access_token"]), {"active": False})
        self.assertTrue(self.introspect(tokens["refresh_token"])["active"])

    def test_introspection_and_revocation_need_a_client(self) -> None:
        for name in ("introspection_endpoint", "revocation_endpoint"):
            self.assert_refused(self.provider.post(self.info[name], {"token": "x"}), "invalid_client", 401)

    def test_revoking_a_refresh_token_ends_the_grant(self) -> None:
        tokens = self.tokens()
        self.assertEqual(self.revoke(tokens["refresh_token"]), 200)
        self.assertEqual(self.introspect(tokens["access_token"]), {"active": False})
        self.assert_refused(self.refresh(tokens["refresh_token"]), "invalid_grant")

    def test_revoking_an_access_token_ends_it_alone(self) -> None:
        tokens = self.tokens()
        self.assertEqual(self.revoke(tokens["access_token"]), 200)
        self.assertEqual(self.whoami(tokens["access_token"]).status, 401)
        self.assertEqual(self.refresh(tokens["refresh_token"]).status, 200)

    def test_revoking_an_unknown_token_succeeds(self) -> None:
        self.assertEqual(self.revoke("unknown"), 200)

    def test_revocation_can_end_every_grant_of_user_and_client(self) -> None:
        self.set(revocation_scope="grant")
        older, newer, others = self.tokens(), self.tokens(), self.tokens(login_hint="bob")
        self.revoke(older["access_token"])
        self.assertEqual(self.whoami(newer["access_token"]).status, 401)
        self.assertEqual(self.whoami(others["access_token"]).status, 200)
