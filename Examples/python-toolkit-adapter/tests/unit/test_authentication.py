"""What each method asks, and what it makes of the answer."""

from __future__ import annotations

import pickle
import unittest
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from delegated_tool_auth import (
    CallbackRefusedError,
    ConsentRequiredError,
    DelegatedToolAuthentication,
    ForbiddenError,
    ProblemError,
    ProviderRefusedError,
    ToolAuth,
    ToolAuthError,
    TryAgainLaterError,
    UnknownToolError,
)

from .case import ScriptedTestCase
from .scripted import CLOSE, RECORD, TOKEN, answer, problem

USER = "/v1/tools/gmail/users/alice"
NOT_CONNECTED = problem("not-connected", 404)
REAUTHORIZE = problem("reauthorization-required", 409, reason="grant_rejected")


def begun(name: str = "1", minutes: float = 10) -> bytes:
    """The answer to an authorization that lives so long."""
    expires_at = datetime.now(UTC) + timedelta(minutes=minutes)
    body = {"authorization_id": name, "auth_url": f"https://provider.example/{name}", "state": "s"}
    return answer(201, body | {"expires_at": expires_at.isoformat()})


def tool_auth(**members: Any) -> ToolAuth:
    """A token of alice's."""
    return ToolAuth.of("gmail", "alice", TOKEN | members)


class AuthURLTests(ScriptedTestCase):
    def test_it_is_the_daemons(self) -> None:
        auth = self.script(begun())
        self.assertEqual(auth.get_auth_url("alice"), "https://provider.example/1")
        self.assertEqual((self.targets, self.daemon.asked[0].body), ([f"POST {USER}/authorize"], {}))
        self.assertEqual(self.daemon.asked[0].headers["content-type"], "application/json")

    def test_a_subclass_says_what_else_it_asks_for(self) -> None:
        class Chosen(DelegatedToolAuthentication):
            TOOL_ID = "gmail"

            def authorization_parameters(self, user_id: str) -> dict[str, Any]:
                return {"login_hint": f"{user_id}@example.com", "scopes": ["read"]}

        self.script(begun())
        Chosen(socket_path=self.daemon.path).get_auth_url("alice")
        self.assertEqual(self.daemon.asked[0].body, {"login_hint": "alice@example.com", "scopes": ["read"]})

    def test_while_it_waits_the_same_is_given_again(self) -> None:
        auth = self.script(begun(), answer(200, {"status": "pending"}))
        again = DelegatedToolAuthentication("gmail", self.daemon.path)
        self.assertEqual(auth.get_auth_url("alice"), again.get_auth_url("alice"))
        self.assertEqual(self.targets, [f"POST {USER}/authorize", "GET /v1/authorizations/1"])

    def test_one_that_waits_no_more_is_replaced(self) -> None:
        for end in (answer(200, {"status": "connected"}), problem("unknown-authorization", 404)):
            with self.subTest(end):
                auth = self.script(begun("1"), end, begun("2"))
                urls = [auth.get_auth_url("alice") for _ in range(2)]
                self.assertEqual(urls, ["https://provider.example/1", "https://provider.example/2"])

    def test_one_that_ends_soon_is_replaced(self) -> None:
        auth = self.script(begun("1", minutes=4.9), begun("2"))
        self.assertNotEqual(auth.get_auth_url("alice"), auth.get_auth_url("alice"))

    def test_one_is_never_given_to_another_user_or_tool(self) -> None:
        auth = self.script(begun("1"), begun("2"), begun("3"))
        calendar = DelegatedToolAuthentication("calendar", self.daemon.path)
        urls = {auth.get_auth_url("alice"), auth.get_auth_url("bob"), calendar.get_auth_url("alice")}
        self.assertEqual(len(urls), 3)

    def test_where_the_daemon_says_no_it_raises(self) -> None:
        auth = self.script(problem("unknown-tool", 404, suggestions=["google"]))
        with self.assertRaises(UnknownToolError) as caught:
            auth.get_auth_url("alice")
        self.assertEqual(caught.exception.suggestions, ["google"])


class AuthRequiredTests(ScriptedTestCase):
    def test_it_is_where_the_daemon_says_so(self) -> None:
        for reply, is_required in [
            (NOT_CONNECTED, True),
            (answer(200, RECORD | {"status": "needs_reauthorization", "reason": "grant_rejected"}), True),
            (answer(200, RECORD), False),
            (answer(200, RECORD | {"status": "degraded"}), False),
        ]:
            with self.subTest(reply):
                self.assertIs(self.script(reply).is_auth_required("alice"), is_required)
                self.assertEqual(self.targets, [f"GET {USER}"])

    def test_an_outage_is_no_answer(self) -> None:
        for reply in (
            CLOSE,
            problem("store-unavailable", 503),
            problem("forbidden", 403),
            problem("unknown-tool", 404),
            problem("not-found", 404),
            answer(404, {"error": "of somebody else"}),
        ):
            with self.subTest(reply), self.assertRaises(ToolAuthError):
                self.script(reply).is_auth_required("alice")


class TokenTests(ScriptedTestCase):
    def test_it_is_the_daemons(self) -> None:
        self.assertEqual(self.script(answer(200, TOKEN)).get_token("alice"), "a-secret-token")
        self.assertEqual(self.targets, [f"GET {USER}/token?min_validity=60&wait=10"])

    def test_the_least_life_and_the_wait_are_told(self) -> None:
        self.script(answer(200, TOKEN)).get_token("alice", min_validity=300, wait=0)
        self.assertEqual(self.targets, [f"GET {USER}/token?min_validity=300&wait=0"])

    def test_where_the_user_must_consent_there_is_none(self) -> None:
        for reply in (NOT_CONNECTED, REAUTHORIZE):
            with self.subTest(reply):
                self.assertIsNone(self.script(reply).get_token("alice"))

    def test_an_outage_raises_and_says_when_to_come_back(self) -> None:
        auth = self.script(problem("provider-unreachable", 502, retry_after=7))
        with self.assertRaises(TryAgainLaterError) as caught:
            auth.get_token("alice")
        self.assertEqual((caught.exception.retry_after, caught.exception.status), (7, 502))
        self.assertEqual(str(caught.exception), "About provider-unreachable.")

    def test_all_that_is_known_of_it_comes_along(self) -> None:
        warning = {"type": "urn:toolauthd:refresh-failed", "detail": "The last refresh failed."}
        found = self.script(answer(200, TOKEN | {"warning": warning})).get_tool_auth("alice")
        assert found is not None
        self.assertEqual((found.tool_id, found.user_id, found.token_type), ("gmail", "alice", "Bearer"))
        self.assertEqual(found.expires_at, datetime(2026, 1, 31, 10, 5, 7, 123000, UTC))
        self.assertEqual((found.scope, found.generation), ("read write", 12))
        self.assertEqual(found.metadata, {"instance_url": "https://example.com"})
        self.assertEqual(found.warning, "The last refresh failed.")

    def test_it_may_have_no_end(self) -> None:
        found = self.script(answer(200, TOKEN | {"expires_at": None, "expires_in": None})).get_tool_auth("alice")
        assert found is not None
        self.assertIsNone(found.expires_at)

    def test_it_has_no_refresh_token_and_does_not_show_itself(self) -> None:
        self.assertFalse(hasattr(tool_auth(), "refresh_token"))
        self.assertNotIn("a-secret-token", repr(tool_auth()))


class RefreshTests(ScriptedTestCase):
    def test_it_says_which_token_was_refused(self) -> None:
        auth = self.script(answer(200, RECORD | {"generation": 13}))
        self.assertIs(auth.try_refresh_token(tool_auth(generation=12)), True)
        self.assertEqual((self.targets, self.daemon.asked[0].headers["if-match"]), ([f"POST {USER}/refresh"], '"12"'))

    def test_a_tool_auth_of_another_system_stands_for_whatever_is_stored(self) -> None:
        auth = self.script(answer(200, RECORD))
        self.assertIs(auth.try_refresh_token(SimpleNamespace(user_id="alice")), True)
        self.assertNotIn("if-match", self.daemon.asked[0].headers)

    def test_where_there_is_no_newer_one_it_is_false_and_logged(self) -> None:
        for reply in (
            NOT_CONNECTED,
            REAUTHORIZE,
            problem("provider-error", 422, error="invalid_scope"),
            problem("refresh-too-soon", 429, retry_after=9),
            problem("provider-unreachable", 502),
            problem("tool-paused", 503),
            problem("held", 503),
            problem("refresh-pending", 504),
        ):
            with self.subTest(reply), self.assertLogs("delegated_tool_auth", "WARNING") as logged:
                self.assertIs(self.script(reply).try_refresh_token(tool_auth()), False)
            self.assertNotIn("a-secret-token", "".join(logged.output))

    def test_what_is_no_word_about_the_token_raises(self) -> None:
        for reply in (
            CLOSE,
            problem("forbidden", 403),
            problem("store-unavailable", 503),
            problem("unknown-tool", 404),
            problem("tool-unavailable", 503),
        ):
            with self.subTest(reply), self.assertRaises(ToolAuthError):
                self.script(reply).try_refresh_token(tool_auth())

    def test_where_somebody_was_just_faster_the_grant_tells(self) -> None:
        too_soon = problem("refresh-too-soon", 429)
        for status, expected in [("healthy", True), ("degraded", False)]:
            with self.subTest(status):
                auth = self.script(too_soon, answer(200, RECORD | {"status": status}))
                self.assertIs(auth.try_refresh_token(SimpleNamespace(user_id="alice")), expected)

    def test_one_of_another_tool_is_a_slip(self) -> None:
        auth = self.script()
        with self.assertRaises(ValueError):
            auth.try_refresh_token(ToolAuth.of("calendar", "alice", TOKEN))
        self.assertEqual(self.targets, [])


class RetrieveTests(ScriptedTestCase):
    def test_the_url_is_handed_on_with_whom_it_is_expected_of(self) -> None:
        auth = self.script(answer(200, RECORD | {"redirect_to": "https://app.example.com/?result=connected"}))
        done = auth.retrieve_auth_token("https://app.example.com/v1/tool/auth?state=s&code=c%2B", "alice")
        self.assertEqual(self.targets, ["POST /v1/callback"])
        url = "https://app.example.com/v1/tool/auth?state=s&code=c%2B"
        body = {"url": url, "expected_user_id": "alice", "expected_tool_id": "gmail"}
        self.assertEqual(self.daemon.asked[0].body, body)
        self.assertEqual(done.redirect_to, "https://app.example.com/?result=connected")
        self.assertEqual((done.grant.user_id, done.grant.status, done.grant.reason), ("alice", "healthy", None))

    def test_without_a_session_nobody_is_expected(self) -> None:
        auth = self.script(answer(200, RECORD))
        self.assertIsNone(auth.retrieve_auth_token("?state=s&code=c").redirect_to)
        self.assertEqual(self.daemon.asked[0].body, {"url": "?state=s&code=c", "expected_tool_id": "gmail"})

    def test_a_refusal_says_whose_it_is(self) -> None:
        for reply, kind in [
            (problem("invalid-callback", 400), CallbackRefusedError),
            (problem("provider-error", 422, error="access_denied"), ProviderRefusedError),
            (problem("provider-unreachable", 502), TryAgainLaterError),
            (problem("forbidden", 403), ForbiddenError),
            (problem("something-new", 400), ProblemError),
        ]:
            with self.subTest(kind), self.assertRaises(kind) as caught:
                self.script(reply).retrieve_auth_token("?state=s&code=c", "alice")
            self.assertIs(type(caught.exception), kind)

    def test_the_providers_word_is_at_hand(self) -> None:
        auth = self.script(problem("provider-error", 422, error="access_denied", error_description="No."))
        with self.assertRaises(ProviderRefusedError) as caught:
            auth.retrieve_auth_token("?state=s&error=access_denied", "alice")
        self.assertEqual(caught.exception.provider_error, "access_denied")
        self.assertEqual(caught.exception.document["error_description"], "No.")


class DeleteTests(ScriptedTestCase):
    def test_it_is_gone(self) -> None:
        self.assertIs(self.script(answer(204)).delete_tool_auth("alice"), True)
        self.assertEqual(self.targets, [f"DELETE {USER}"])

    def test_so_is_what_never_was(self) -> None:
        self.assertIs(self.script(NOT_CONNECTED).delete_tool_auth("alice"), True)

    def test_where_it_may_still_be_there_it_raises(self) -> None:
        with self.assertRaises(TryAgainLaterError):
            self.script(problem("store-unavailable", 503)).delete_tool_auth("alice")

    def test_the_provider_need_not_be_told(self) -> None:
        self.script(answer(204)).client.delete("gmail", "alice", revoke=False)
        self.assertEqual(self.targets, [f"DELETE {USER}?revoke=false"])


class ConstructionTests(unittest.TestCase):
    def test_a_class_without_a_tool_is_a_slip(self) -> None:
        with self.assertRaisesRegex(ValueError, "DelegatedToolAuthentication has no tool"):
            DelegatedToolAuthentication()

    def test_an_error_can_be_sent_to_another_process(self) -> None:
        document = {"type": "urn:toolauthd:not-connected", "title": "t", "status": 404, "detail": "d"}
        error = pickle.loads(pickle.dumps(ConsentRequiredError(document)))
        self.assertEqual((type(error), error.code, str(error)), (ConsentRequiredError, "not-connected", "d"))


if __name__ == "__main__":
    unittest.main()
