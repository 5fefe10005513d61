"""The habits of real providers, switch by switch and provider by provider."""

import json
import time
from typing import Any
from urllib.parse import parse_qsl

from provider.tests.harness import ProviderTestCase


class RotationTests(ProviderTestCase):
    arguments = ("--http",)

    def test_single_use_replaces_and_detects_reuse(self) -> None:
        first = self.tokens()
        second = self.refresh(first["refresh_token"]).json
        self.assertNotEqual(first["refresh_token"], second["refresh_token"])
        self.assertEqual(self.whoami(first["access_token"]).status, 200)
        self.assert_refused(self.refresh(first["refresh_token"]), "invalid_grant")
        self.assert_refused(self.refresh(second["refresh_token"]), "invalid_grant")
        self.assertEqual(self.whoami(second["access_token"]).status, 401)
        counters = self.counters
        self.assertEqual((counters["reuse"], counters["rotations"], counters["refresh_token_uses"]), (1, 1, 3))
        self.assertEqual((counters["dead_refresh_tokens"], counters["refresh_token_maximum_uses"]), (1, 2))

    def test_without_reuse_detection_only_the_old_token_is_refused(self) -> None:
        self.set(reuse_detection=False)
        first = self.tokens()
        second = self.refresh(first["refresh_token"]).json
        self.assert_refused(self.refresh(first["refresh_token"]), "invalid_grant")
        self.assertEqual(self.refresh(second["refresh_token"]).status, 200)
        self.assertEqual(self.counters["reuse"], 1)

    def test_within_the_replay_window_the_old_token_works_again(self) -> None:
        self.set(replay_window=60)
        first = self.tokens()
        lost, again = self.refresh(first["refresh_token"]).json, self.refresh(first["refresh_token"]).json
        self.assertEqual(self.refresh(again["refresh_token"]).status, 200)
        self.assertEqual(self.refresh(lost["refresh_token"]).status, 200)
        self.assertEqual((self.counters["reuse"], self.counters["replays_in_window"]), (0, 1))
        self.set(replay_window=0)
        self.assert_refused(self.refresh(first["refresh_token"]), "invalid_grant")
        self.assertEqual(self.counters["reuse"], 1)

    def test_rotating_replaces_and_the_old_token_goes_on(self) -> None:
        self.set(rotation="rotating")
        first = self.tokens()
        second = self.refresh(first["refresh_token"]).json
        self.assertNotEqual(first["refresh_token"], second["refresh_token"])
        self.assertEqual(self.refresh(first["refresh_token"]).status, 200)
        self.assertEqual(self.refresh(second["refresh_token"]).status, 200)
        self.assertEqual(self.counters["reuse"], 0)

    def test_without_rotation_the_token_stays(self) -> None:
        self.set(rotation="none")
        first = self.tokens()
        self.assertEqual(self.refresh(first["refresh_token"]).json["refresh_token"], first["refresh_token"])
        self.assertEqual(self.refresh(first["refresh_token"]).status, 200)

    def test_a_refresh_token_that_is_not_told_is_not_replaced(self) -> None:
        for how, said in (("absent", {}), ("empty", {"refresh_token": ""}), ("null", {"refresh_token": None})):
            with self.subTest(how):
                self.set(refreshed_refresh_token=how)
                first = self.tokens()
                reply = self.refresh(first["refresh_token"]).json
                self.assertEqual({k: v for k, v in reply.items() if k == "refresh_token"}, said)
                self.assertEqual(self.refresh(first["refresh_token"]).status, 200)
        self.assertEqual(self.counters["reuse"], 0)

    def test_a_refresh_may_ask_for_less_and_never_for_more(self) -> None:
        token = self.tokens()["refresh_token"]
        self.assert_refused(self.refresh(token, scope="read delete"), "invalid_scope")
        reply = self.refresh(token, scope="read").json
        self.assertEqual(reply["scope"], "read")
        self.assertEqual(self.refresh(reply["refresh_token"]).json["scope"], "read write")

    def test_a_refresh_token_expires(self) -> None:
        self.set(refresh_lifetime=3600)
        tokens = self.tokens()
        self.assertEqual(tokens["refresh_token_expires_in"], 3600)
        self.provider.control("POST", "grants/expire", {"user": "alice", "what": "refresh"})
        self.assert_refused(self.refresh(tokens["refresh_token"]), "invalid_grant")

    def test_a_killed_grant_is_over(self) -> None:
        tokens, others = self.tokens(), self.tokens(login_hint="bob")
        self.assertEqual(self.provider.control("POST", "grants/kill", {"user": "alice"}), {"grants": 1})
        self.assertEqual(self.whoami(tokens["access_token"]).status, 401)
        self.assert_refused(self.refresh(tokens["refresh_token"]), "invalid_grant")
        self.assertEqual(self.refresh(others["refresh_token"]).status, 200)

    def test_an_access_token_expires(self) -> None:
        self.set(lifetime=0.05)
        token = self.tokens()["access_token"]
        deadline = time.monotonic() + 5
        while self.whoami(token).status == 200 and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(self.whoami(token).status, 401)
        self.assertGreaterEqual(self.counters["dead_access_tokens"], 1)

    def test_the_oldest_grant_dies_when_there_are_too_many(self) -> None:
        self.set(max_refresh_tokens=2, rotation="none")
        oldest, *others = self.tokens(), self.tokens(), self.tokens()
        self.assert_refused(self.refresh(oldest["refresh_token"]), "invalid_grant")
        for tokens in others:
            self.assertEqual(self.refresh(tokens["refresh_token"]).status, 200)


class SpellingTests(ProviderTestCase):
    arguments = ("--http",)

    def test_expires_in_is_spelled_in_every_way(self) -> None:
        left_out = object()
        for how, said in (
            ("number", 3600),
            ("string", "3600"),
            ("missing", left_out),
            ("null", None),
            ("absurd", 10**18),
            ("negative", -3600),
            ("text", "soon"),
        ):
            with self.subTest(how):
                self.set(expires_in=how)
                self.assertEqual(self.tokens().get("expires_in", left_out), said)

    def test_token_type_is_spelled_as_told(self) -> None:
        for how in ("bearer", "BEARER", "mac"):
            self.set(token_type=how)
            self.assertEqual(self.tokens()["token_type"], how)
        self.set(token_type="missing")
        self.assertNotIn("token_type", self.tokens())

    def test_scope_is_spelled_as_told(self) -> None:
        for how, said in (("space", "read write"), ("comma", "read,write"), ("array", ["read", "write"])):
            self.set(reply_scope=how)
            self.assertEqual(self.tokens()["scope"], said)
        self.set(reply_scope="missing")
        self.assertNotIn("scope", self.tokens())
        self.set(reply_scope="space", granted_scope="subset")
        self.assertEqual(self.tokens()["scope"], "read")

    def test_tokens_are_as_long_as_told(self) -> None:
        self.set(token_bytes=6000)
        tokens = self.tokens()
        self.assertGreater(len(tokens["access_token"]), 8000)
        self.assertEqual(self.refresh(tokens["refresh_token"]).status, 200)

    def test_a_reply_has_members_of_its_own(self) -> None:
        self.set(reply_extra={"instance_url": "https://one.example"})
        self.assertEqual(self.tokens()["instance_url"], "https://one.example")

    def test_the_callback_says_what_it_is_told_to(self) -> None:
        self.set(callback_error="access_denied", callback_error_description="No, thank you.")
        callback = self.callback()
        self.assertEqual((callback["error"], callback["error_description"]), ("access_denied", "No, thank you."))
        self.assertNotIn("code", callback)
        self.set(callback_error="", callback_iss="wrong", callback_state="wrong", callback_extra={"realmId": "7"})
        callback = self.callback()
        self.assertNotEqual(callback["iss"], self.info["issuer"])
        self.assertNotEqual(callback["state"], "a-state")
        self.assertEqual(callback["realmId"], "7")
        self.set(callback_iss="missing", callback_state="missing", callback_extra={})
        self.assertEqual(self.callback().keys(), {"code"})

    def test_pkce_can_be_optional_or_forbidden(self) -> None:
        self.set(pkce="forbidden")
        self.assertEqual(self.callback()["error"], "invalid_request")
        self.set(pkce="optional")
        without = {"code_challenge": "", "code_challenge_method": ""}
        self.assert_refused(self.exchange(self.callback(**without)["code"]), "invalid_grant")
        self.assertEqual(self.exchange(self.callback(**without)["code"], code_verifier="").status, 200)

    def test_the_date_can_be_wrong(self) -> None:
        honest = self.visit().headers["Date"]
        self.set(date_skew=-86400)
        self.assertNotEqual(self.visit().headers["Date"][:16], honest[:16])


class GoogleTests(ProviderTestCase):
    arguments = ("--http", "--behaviour", "google")

    def test_a_refresh_token_comes_once_and_again_only_with_prompt_consent(self) -> None:
        self.assertNotIn("refresh_token", self.tokens(login_hint="bob"))
        offline = {"access_type": "offline"}
        first = self.tokens(**offline)
        self.assertIn("refresh_token", first)
        self.assertNotIn("refresh_token", self.tokens(**offline))
        self.assertIn("refresh_token", self.tokens(**offline, prompt="consent"))
        reply = self.refresh(first["refresh_token"]).json
        self.assertNotIn("refresh_token", reply)
        self.assertEqual(reply["expires_in"], 3599)

    def test_revocation_ends_the_grant_and_complains_of_a_dead_token(self) -> None:
        tokens = self.tokens(access_type="offline")
        url = self.info["revocation_endpoint"]
        self.assertEqual(self.provider.post(url, {"token": tokens["access_token"]}).status, 200)
        self.assert_refused(self.refresh(tokens["refresh_token"]), "invalid_grant")
        self.assert_refused(self.provider.post(url, {"token": tokens["access_token"]}), "invalid_token")


class SlackTests(ProviderTestCase):
    arguments = ("--http", "--behaviour", "slack")

    def test_a_users_tokens_are_under_authed_user_and_then_at_the_top(self) -> None:
        reply = self.tokens(scope="", user_scope="chat:write,users:read")
        self.assertTrue(reply["ok"])
        self.assertNotIn("access_token", reply)
        user = reply["authed_user"]
        self.assertEqual((user["token_type"], user["scope"]), ("user", "chat:write,users:read"))
        refreshed = self.refresh(user["refresh_token"]).json
        self.assertEqual((refreshed["ok"], refreshed["token_type"]), (True, "user"))
        self.assertNotIn("authed_user", refreshed)
        self.assertNotEqual(refreshed["refresh_token"], user["refresh_token"])
        self.assertEqual(self.whoami(refreshed["access_token"]).json["user"], "alice")

    def test_a_bots_token_is_at_the_top(self) -> None:
        reply = self.tokens(scope="chat:write", user_scope="users:read")
        self.assertEqual((reply["token_type"], reply["scope"]), ("bot", "chat:write"))
        self.assertNotEqual(reply["access_token"], reply["authed_user"]["access_token"])

    def test_errors_are_a_200_that_is_not_ok(self) -> None:
        code = self.callback(scope="", user_scope="chat:write")["code"]
        self.assertEqual(self.exchange("unknown").json, {"ok": False, "error": "invalid_code"})
        self.assertEqual(self.exchange(code).status, 200)
        self.assertEqual(self.exchange(code).json, {"ok": False, "error": "code_already_used"})
        answer = self.refresh("unknown")
        self.assertEqual((answer.status, answer.json), (200, {"ok": False, "error": "invalid_refresh_token"}))
        self.spoil({"kind": "error", "error": "ratelimited"})
        self.assertEqual(self.refresh("unknown").json, {"ok": False, "error": "ratelimited"})

    def test_a_token_revokes_itself(self) -> None:
        user = self.tokens(scope="", user_scope="chat:write")["authed_user"]
        headers = {"Authorization": f"Bearer {user['access_token']}"}
        answer = self.provider.post(self.info["revocation_endpoint"], {}, headers)
        self.assertEqual(answer.json, {"ok": True, "revoked": True})
        self.assertEqual(self.whoami(user["access_token"]).status, 401)


class GitHubTests(ProviderTestCase):
    arguments = ("--http", "--behaviour", "github")

    def test_a_reply_is_a_form_unless_json_is_asked_for(self) -> None:
        reply = self.exchange(self.callback()["code"])
        self.assertIn("application/x-www-form-urlencoded", reply.headers["Content-Type"])
        members = dict(parse_qsl(reply.body.decode()))
        self.assertEqual((members["token_type"], members["scope"]), ("bearer", "read,write"))
        answer = self.refresh_json(members["refresh_token"])
        self.assertEqual(answer["expires_in"], 28800)
        self.assertEqual(answer["refresh_token_expires_in"], 15897600)
        self.assertEqual(self.whoami(members["access_token"]).status, 401)

    def test_errors_come_with_a_200(self) -> None:
        self.assertEqual(self.refresh_json("unknown")["error"], "bad_refresh_token")
        answer = self.exchange("unknown")
        self.assertEqual(answer.status, 200)
        self.assertEqual(dict(parse_qsl(answer.body.decode()))["error"], "bad_verification_code")

    def refresh_json(self, token: str) -> Any:
        headers = self.client | {"Accept": "application/json"}
        answer = self.token(headers, grant_type="refresh_token", refresh_token=token)
        self.assertEqual(answer.status, 200)
        return answer.json


class MicrosoftTests(ProviderTestCase):
    arguments = ("--http", "--behaviour", "microsoft")

    def test_offline_access_gives_a_refresh_token_that_is_replaced_and_goes_on(self) -> None:
        self.assertNotIn("refresh_token", self.tokens())
        first = self.tokens(scope="offline_access Files.Read")
        self.assertEqual(first["scope"], "Files.Read")
        self.assert_refused(self.refresh(first["refresh_token"]), "invalid_request")
        scope = {"scope": "offline_access Files.Read"}
        second = self.refresh(first["refresh_token"], **scope).json
        self.assertNotEqual(first["refresh_token"], second["refresh_token"])
        self.assertEqual(self.refresh(first["refresh_token"], **scope).status, 200)
        answer = self.refresh("unknown", **scope)
        self.assert_refused(answer, "invalid_grant")
        self.assertEqual(answer.json["error_codes"], [700082])


class TableTests(ProviderTestCase):
    arguments = ("--http",)

    def test_readme_has_a_row_for_every_switch_failure_and_counter(self) -> None:
        from provider.failures import KINDS
        from provider.tests.harness import PROVIDER

        text = (PROVIDER / "README.md").read_text()
        names = [*self.provider.control("GET", "switches"), *KINDS, *self.counters]
        self.assertEqual([name for name in names if f"| `{name}`" not in text], [])

    def test_the_control_api_refuses_what_makes_no_sense(self) -> None:
        for method, path, body in (
            ("PATCH", "switches", {"no_such": 1}),
            ("PATCH", "switches", {"rotation": "twice"}),
            ("POST", "failures", {"kind": "no_such"}),
            ("POST", "failures", {"kind": "close", "no_such": 1}),
            ("POST", "failures", {"kind": "echo", "spelled": "backwards"}),
            ("POST", "grants/expire", {"what": "all"}),
            ("POST", "consent", {"url": "https://elsewhere.example/authorize"}),
            ("GET", "no_such", None),
        ):
            with self.subTest(path=path, body=body), self.assertRaises(AssertionError):
                self.provider.control(method, path, body)
        self.assertEqual(json.loads(json.dumps(self.counters))["requests"], {})
