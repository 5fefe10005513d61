"""Each method against a running daemon, and a provider behind it."""

from __future__ import annotations

import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace

from world import World, nobody_may

from delegated_tool_auth import (
    CallbackRefusedError,
    DaemonUnavailableError,
    ForbiddenError,
    ProblemError,
    ProviderRefusedError,
    SessionToolAuthentication,
    TryAgainLaterError,
    UnknownToolError,
)

from .case import DaemonTestCase, Hinting


class FlowTests(DaemonTestCase):
    def test_a_user_connects_uses_and_disconnects_a_tool(self) -> None:
        auth = self.auth()
        self.assertIs(auth.is_auth_required("alice"), True)
        self.assertIsNone(auth.get_token("alice"))
        done = auth.retrieve_auth_token(self.consent("alice", auth), "alice")
        self.assertEqual((done.grant.tool_id, done.grant.user_id, done.grant.status), ("gmail", "alice", "healthy"))
        self.assertIs(auth.is_auth_required("alice"), False)
        self.assertEqual(self.whose(auth.get_token("alice")), "alice")
        self.assertIs(auth.is_auth_required("bob"), True)
        self.assertIs(auth.delete_tool_auth("alice"), True)
        self.assertIs(auth.is_auth_required("alice"), True)
        self.assertIs(auth.delete_tool_auth("alice"), True)

    def test_the_token_has_all_that_is_known_of_it(self) -> None:
        found = self.connect(self.user).get_tool_auth(self.user)
        assert found is not None and found.expires_at is not None
        self.assertEqual((found.tool_id, found.user_id), ("gmail", self.user))
        self.assertEqual((found.token_type, found.scope, found.warning), ("Bearer", "read", None))
        self.assertGreater(found.expires_at, datetime.now(UTC))

    def test_threads_can_share_a_tool(self) -> None:
        auth = self.connect(self.user)
        with ThreadPoolExecutor(64) as pool:
            tokens = set(pool.map(auth.get_token, [self.user] * 1000))
            urls = set(pool.map(auth.get_auth_url, [self.user] * 64))
        self.assertEqual((tokens, urls), ({auth.get_token(self.user)}, {auth.get_auth_url(self.user)}))

    def test_an_id_is_that_of_one_user_whatever_is_in_it(self) -> None:
        users = [
            "alice@example.com/work",
            "alice:work",
            "bob %2F?#&+;=",
            "..%2e",
            "Zoë",
            "jose\u0301",
            "jos\u00e9",
            "🐎",
        ]
        for user in users:
            with self.subTest(user):
                self.assertIs(self.auth().is_auth_required(user), True)
                auth = self.connect(user)
                found = auth.get_tool_auth(user)
                assert found is not None
                self.assertIs(auth.try_refresh_token(found), True)
        tokens = {self.auth().get_token(user) for user in users}
        self.assertEqual(len(tokens - {None}), len(users))
        for user in users:
            self.assertIs(self.auth().delete_tool_auth(user), True)
            self.assertIs(self.auth().is_auth_required(user), True)

    def test_an_id_that_is_none_is_refused(self) -> None:
        for user in ("", "..", "a\nb", "x" * 256):
            with self.subTest(user), self.assertRaises(ProblemError) as caught:
                self.auth().is_auth_required(user)
            self.assertEqual(caught.exception.code, "invalid-request")

    def test_whoever_asks_again_is_sent_to_the_same_place_until_it_is_used(self) -> None:
        auth = self.auth()
        url = auth.get_auth_url(self.user)
        # A page that lists tools is looked at more often than the daemon keeps authorizations.
        self.assertEqual({self.auth().get_auth_url(self.user) for _ in range(9)}, {url})
        auth.retrieve_auth_token(self.world.provider.consent(url), self.user)
        self.assertNotEqual(auth.get_auth_url(self.user), url)

    def test_a_subclass_says_where_the_browser_goes_in_the_end(self) -> None:
        class Mail(SessionToolAuthentication):
            TOOL_ID = "gmail"

            def authorization_parameters(self, user_id: str) -> dict[str, object]:
                return {"frontend_redirect": "https://app.example.com/tools", "scopes": ["read", "write"]}

        auth = Mail(socket_path=str(self.world.socket))
        url = self.world.provider.consent(auth.get_auth_url(self.user))
        done = auth.client.callback(url, expected_user_id=self.user)
        self.assertEqual(done.redirect_to, "https://app.example.com/tools?tool_id=gmail&result=connected")
        self.assertEqual(done.grant.scope, "read write")

    def test_the_methods_with_a_session_do_the_same(self) -> None:
        class Mail(Hinting, SessionToolAuthentication):
            TOOL_ID = "gmail"

        session, auth = object(), Mail(socket_path=str(self.world.socket))
        self.assertIs(auth.is_auth_required(session, self.user), True)
        self.assertIsNone(auth.get_token(session, self.user))
        # As FastAPI has it, behind a proxy that speaks TLS.
        url = self.world.provider.consent(auth.get_auth_url(self.user)).replace("http://", "https://")
        request = SimpleNamespace(url=url)
        self.assertIsNone(auth.retrieve_auth_token(request, session, self.user))
        self.assertRegex(auth.retrieve_auth_token(request, session, self.user) or "", "state")
        self.assertIs(auth.is_auth_required(session, self.user), False)
        self.assertIs(auth.try_refresh_token(session, self.user, None), True)
        # Somebody who does not know that refreshes once more: there is a new one, so all is well.
        self.assertIs(auth.try_refresh_token(session, self.user, None), True)
        self.assertEqual(self.requests(self.user, "refresh_token"), 1)
        self.assertEqual(self.whose(auth.get_token(session, self.user)), self.user)
        self.assertIs(auth.delete_tool_auth(session, self.user), True)


class CallbackTests(DaemonTestCase):
    def test_whole_url_path_or_query_will_do(self) -> None:
        for form in ("{0}", "/v1/tool/auth?{1}", "?{1}", "{1}", "https://elsewhere.example/?{1}#fragment"):
            auth, user = self.auth(), f"{self.user} {form}"
            url = self.consent(user, auth)
            with self.subTest(form):
                auth.retrieve_auth_token(form.format(url, url.partition("?")[2]), user)
                self.assertIs(auth.is_auth_required(user), False)

    def test_one_that_a_framework_has_half_decoded_will_do(self) -> None:
        auth = self.auth()
        auth.retrieve_auth_token(f"{self.consent(self.user, auth)}&note=http://é", self.user)
        self.assertIs(auth.is_auth_required(self.user), False)

    def test_the_authorization_of_somebody_else_is_refused_and_spoilt(self) -> None:
        auth = self.auth()
        url = self.consent("alice", auth)
        for user in ("bob", "alice"):
            with self.subTest(user), self.assertRaises(CallbackRefusedError):
                auth.retrieve_auth_token(url, user)
            self.assertIs(auth.is_auth_required(user), True)

    def test_so_is_that_of_another_tool(self) -> None:
        url = self.consent(self.user, self.auth("github"))
        with self.assertRaises(CallbackRefusedError):
            self.auth("gmail").retrieve_auth_token(url, self.user)

    def test_it_works_once(self) -> None:
        auth = self.auth()
        url = self.consent(self.user, auth)
        auth.retrieve_auth_token(url, self.user)
        with self.assertRaises(CallbackRefusedError):
            auth.retrieve_auth_token(url, self.user)
        self.assertIs(auth.is_auth_required(self.user), False)

    def test_what_is_no_callback_is_refused(self) -> None:
        for request in ("https://app.example.com/", "?code=c", "?state=unknown&code=c", "?state=%zz&code=c"):
            with self.subTest(request), self.assertRaises(CallbackRefusedError):
                self.auth().retrieve_auth_token(request, "alice")

    def test_one_that_is_too_long_is_refused(self) -> None:
        with self.assertRaises(ProblemError) as caught:
            self.auth().retrieve_auth_token("?" + "x" * (1 << 20), "alice")
        self.assertEqual(caught.exception.code, "too-large")

    def test_a_user_who_says_no_may_think_again(self) -> None:
        auth = self.auth()
        url = auth.get_auth_url(self.user)
        self.world.provider.switch(callback_error="access_denied")
        self.addCleanup(self.world.provider.switch, callback_error="")
        with self.assertRaises(ProviderRefusedError) as caught:
            auth.retrieve_auth_token(self.world.provider.consent(url), self.user)
        self.assertEqual(caught.exception.provider_error, "access_denied")
        self.assertIs(auth.is_auth_required(self.user), True)
        self.assertNotEqual(auth.get_auth_url(self.user), url)

    def test_a_provider_that_fails_at_the_exchange_is_told_apart(self) -> None:
        auth = self.auth()
        url = self.consent(self.user, auth)
        self.world.provider.fail("status", grant_type="authorization_code")
        with self.assertRaises(TryAgainLaterError):
            auth.retrieve_auth_token(url, self.user)


class RefreshTests(DaemonTestCase):
    def test_a_token_that_was_refused_is_replaced_once_whoever_asks(self) -> None:
        auth = self.connect(self.user)
        refused = auth.get_tool_auth(self.user)
        assert refused is not None
        for _ in range(3):
            self.assertIs(auth.try_refresh_token(refused), True)
        self.assertEqual(self.requests(self.user, "refresh_token"), 1)
        newer = auth.get_tool_auth(self.user)
        assert newer is not None
        self.assertNotEqual(newer.access_token, refused.access_token)
        self.assertGreater(newer.generation, refused.generation)
        # Its successor is not there yet, and is not asked for within seconds.
        with self.assertLogs("delegated_tool_auth", "WARNING"):
            self.assertIs(auth.try_refresh_token(newer), False)

    def test_an_outage_of_the_provider_ends_nothing(self) -> None:
        auth = self.connect(self.user)
        refused = auth.get_tool_auth(self.user)
        assert refused is not None
        self.world.provider.fail("status", grant_type="refresh_token", user=self.user)
        with self.assertLogs("delegated_tool_auth", "WARNING"):
            self.assertIs(auth.try_refresh_token(refused), False)
        self.assertIs(auth.is_auth_required(self.user), False)
        found = auth.get_tool_auth(self.user)
        assert found is not None
        self.assertEqual(found.access_token, refused.access_token)
        self.assertIsNotNone(found.warning)

    def test_a_grant_that_the_provider_ended_needs_its_user(self) -> None:
        auth = self.connect(self.user)
        refused = auth.get_tool_auth(self.user)
        assert refused is not None
        self.world.provider.kill(self.user)
        with self.assertLogs("delegated_tool_auth", "WARNING"):
            self.assertIs(auth.try_refresh_token(refused), False)
        self.assertIs(auth.is_auth_required(self.user), True)
        self.connect(self.user)
        self.assertIs(auth.is_auth_required(self.user), False)

    def test_without_a_grant_there_is_nothing_to_refresh(self) -> None:
        with self.assertLogs("delegated_tool_auth", "WARNING"):
            self.assertIs(self.auth().try_refresh_token(SimpleNamespace(user_id="bob")), False)


class ToolTests(DaemonTestCase):
    def test_a_tool_that_is_not_there_is_no_reason_to_consent(self) -> None:
        auth = self.auth("gmial")
        for method in (auth.is_auth_required, auth.get_token, auth.get_auth_url, auth.delete_tool_auth):
            with self.subTest(method), self.assertRaises(UnknownToolError) as caught:
                method("alice")
            self.assertEqual(caught.exception.suggestions, ["gmail"])

    def test_a_tool_whose_configuration_is_broken_is_told_apart(self) -> None:
        with self.assertRaises(ProblemError) as caught:
            self.auth("unavailable").get_auth_url("alice")
        self.assertEqual(caught.exception.code, "tool-unavailable")

    def test_what_the_tool_does_not_allow_is_refused(self) -> None:
        with self.assertRaises(ProblemError) as caught:
            self.auth().client.authorize("gmail", "alice", {"scopes": ["everything"]})
        self.assertEqual((caught.exception.code, caught.exception.document["field"]), ("invalid-request", "scopes"))


class RuleTests(DaemonTestCase):
    configuration = nobody_may("read")

    def test_what_the_rule_does_not_allow_is_told_as_such(self) -> None:
        auth = self.auth()
        self.assertIs(auth.is_auth_required("alice"), True)
        for method in (auth.get_token, auth.get_auth_url, auth.delete_tool_auth):
            with self.subTest(method), self.assertRaises(ForbiddenError):
                method("alice")
        with self.assertRaises(ForbiddenError):
            auth.is_auth_required("bob")


class OutageTests(DaemonTestCase):
    def test_without_its_daemon_no_method_says_a_word_of_the_user(self) -> None:
        world = World()
        self.addCleanup(world.close)
        self.world = world
        auth = self.connect("alice")
        token = auth.get_tool_auth("alice")
        assert token is not None
        world.stop()
        for method in (auth.is_auth_required, auth.get_token, auth.get_auth_url, auth.delete_tool_auth):
            with self.subTest(method), self.assertRaises(DaemonUnavailableError):
                method("alice")
        with self.assertRaises(DaemonUnavailableError):
            auth.try_refresh_token(token)
        with self.assertRaises(DaemonUnavailableError):
            auth.retrieve_auth_token("?state=s&code=c", "alice")
        world.restart()
        self.assertIs(auth.is_auth_required("alice"), False)
        self.assertEqual(auth.get_token("alice"), token.access_token)


if __name__ == "__main__":
    unittest.main()
